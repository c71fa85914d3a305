"""An office at Phonet: events of legs, a final word that has to be asked for, contacts, notes, pauses, UTM labels."""

import re
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from desk import directory, reconcile, retention
from desk.contacts import save
from sandbox.phonet import (
    Answered,
    ClientAnswers,
    ClientIsBusy,
    HangsUp,
    HangsUpInMenu,
    NobodyAnswers,
    Outage,
    PhonetOffice,
    Quirks,
    Visit,
)
from sandbox.phonet.demo import KNOWN_CLIENT
from sandbox.telegram import Answer
from storage import tables
from tests.handlers.chat.on_the_phone import presses_data
from tests.office import ANNA, IGOR, MARIA, STRANGER, WEBHOOK_TOKEN, Office, Simulated, an_office

CLIENT, OTHER = "+380500000001", "+380500000002"
NUMBER = re.compile(r"\+380 \d\d \d{3} \d{4}")
COMPANY, ACTIVE = "/rest/calls/company.api", "/rest/calls/active/v3"
LOGINS = {ANNA: "001", IGOR: "002", MARIA: "003"}
#: One of the addresses in Phonet's manual.
PHONET_ADDRESS = "89.184.65.208"


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    async with an_office(database_url, pbxes=[Simulated("phonet")]) as built:
        await directory.refresh(built.desk, "main")
        await built.connected(logins=LOGINS)
        yield built


@pytest.fixture
def phonet(office: Office) -> PhonetOffice:
    return office.simulator(PhonetOffice)


async def calls(office: Office, phonet: PhonetOffice, client: str, to: str, ending: Any) -> None:
    """A client calls, and the PBX is asked what became of it."""
    await phonet.calls.client_calls(client, to, ending)
    await office.settle()
    await office.later(seconds=1)


async def outcomes(office: Office) -> set[tuple[str, str | None]]:
    """How the calls ended that are written down, and whose they were."""
    async with office.desk.db.read() as tx:
        rows = await tx.execute(select(tables.calls.c.outcome, tables.calls.c.client))
        return {(row.outcome, row.client) for row in rows}


def asked(phonet: PhonetOffice) -> Counter[str]:
    """How often each list of calls was."""
    paths = (path.partition("?")[0] for _, path in phonet.server.requests)
    return Counter(path for path in paths if path.startswith("/rest/calls/"))


def shown(office: Office) -> list[str]:
    """The numbers in the team's chat, each as often as it stands there."""
    return sorted(NUMBER.findall("\n".join(office.texts(office.team))))


async def test_a_missed_call_is_a_card_that_closes_when_called_back(office: Office, phonet: PhonetOffice) -> None:
    await calls(office, phonet, CLIENT, "Продажі", NobodyAnswers())
    [card] = office.cards()
    assert card.text == (
        "🔴 Missed call · +380 50 000 0001\n🏢 Продажі · to +380 44 000 0001\n🕒 today 12:00 · waited 20 s"
    )

    phonet.calls.receptions[CLIENT] = ClientIsBusy()
    assert await office.presses(IGOR, card, "Call back") == Answer(
        "📞 Your phone is ringing: pick it up and I connect +380 50 000 0001."
    )
    await office.later(seconds=1)
    assert office.cards()[0].text.splitlines()[0] == "🟠 Not reached yet · +380 50 000 0001"
    assert office.cards()[0].text.splitlines()[-1] == "📵 Тарас Бондаренко, today 12:00: busy"

    office.clock.advance(seconds=30)
    phonet.calls.receptions[CLIENT] = ClientAnswers(after=5, talk=45)
    await office.presses(MARIA, office.cards()[0], "Call back")
    await office.later(seconds=1)
    [card] = office.cards()
    assert card.text == (
        "🟢 Called back · +380 50 000 0001\n🏢 Продажі · to +380 44 000 0001\n🕒 today 12:00 · waited 20 s\n"
        "📵 Тарас Бондаренко, today 12:00: busy\n📗 Ірина Шевчук · after 66 s · talked 45 s"
    )


@pytest.mark.parametrize(
    "quirks",
    [
        Quirks(event_times="seconds"),
        Quirks(history_times="seconds"),
        Quirks(repeats=2),
        Quirks(server_time=False, parent_events=False, parent_bridges=False),
        Quirks(department_row="answerer"),
        Quirks(department_row="both", extra_fields=True),
    ],
    ids=repr,
)
async def test_a_department_s_call_is_one_call_whatever_its_legs_say(
    office: Office, phonet: PhonetOffice, quirks: Quirks
) -> None:
    phonet.quirks = quirks
    await calls(office, phonet, CLIENT, "Продажі", Answered("002", after=15, talk=60))
    assert office.cards() == []
    await calls(office, phonet, OTHER, "Підтримка", HangsUp(after=25))
    await office.later(seconds=10)
    [card] = office.cards()
    assert card.text.splitlines()[0] == "🔴 Missed call · +380 50 000 0002"
    assert "called" not in card.text
    await calls(office, phonet, OTHER, "Підтримка", Answered("003", after=12, talk=60))
    [card] = office.cards()
    assert card.text.splitlines()[0] == "🟢 Got through to us · +380 50 000 0002"
    assert "Ірина Шевчук" in card.text.splitlines()[-1]


async def test_a_call_lost_in_the_menu_is_missed(office: Office, phonet: PhonetOffice) -> None:
    """company.api says that the menu "answered"; missed.api, that somebody still has to call back."""
    await calls(office, phonet, CLIENT, "Продажі", HangsUpInMenu())
    [card] = office.cards()
    assert card.text.startswith("🔴 Missed call · +380 50 000 0001\n")


async def test_a_list_that_is_late_is_asked_again(office: Office, phonet: PhonetOffice) -> None:
    phonet.quirks = Quirks(history_delay=30)
    await calls(office, phonet, CLIENT, "Продажі", NobodyAnswers())
    assert office.cards() == []
    for _ in range(5):
        await office.later(seconds=15)
    assert len(office.cards()) == 1


async def test_one_reading_of_the_history_tells_of_two_hundred_calls(office: Office, phonet: PhonetOffice) -> None:
    """Five pages of fifty rows, the last of them empty, and once what goes on now."""
    await phonet.calls.flood(200)
    await office.settle()
    phonet.server.requests.clear()
    await office.later(seconds=1)
    assert asked(phonet) == {COMPANY: 5, ACTIVE: 1}
    assert await outcomes(office) == {("missed", f"+38050000{n:04}") for n in range(200)}
    assert shown(office) == [f"+380 50 000 {n:04}" for n in range(200)]
    await office.later(minutes=1)
    assert asked(phonet) == {COMPANY: 5, ACTIVE: 1}


async def test_of_calls_asked_for_together_those_not_listed_yet_are_asked_again(
    office: Office, phonet: PhonetOffice
) -> None:
    phonet.quirks = Quirks(history_delay=30)
    await phonet.calls.client_calls(CLIENT, "Продажі", NobodyAnswers())
    office.clock.advance(seconds=20)
    await phonet.calls.client_calls(OTHER, "Продажі", NobodyAnswers())
    await office.settle()
    phonet.server.requests.clear()
    await office.later(seconds=1)
    assert asked(phonet) == {COMPANY: 1, ACTIVE: 1}
    assert await outcomes(office) == {("missed", CLIENT)}
    for _ in range(2):
        await office.later(seconds=15)
    assert asked(phonet) == {COMPANY: 3, ACTIVE: 2}  # where none of them is listed, none goes on
    assert await outcomes(office) == {("missed", CLIENT), ("missed", OTHER)}


async def test_while_the_pbx_is_out_the_question_waits(office: Office, phonet: PhonetOffice) -> None:
    phonet.outage = Outage.ERROR_500
    await calls(office, phonet, CLIENT, "Продажі", NobodyAnswers())
    await office.restarted(minutes=10)
    await office.later(seconds=1)
    assert office.cards() == []
    phonet.outage = Outage.NONE
    await office.later(minutes=5)
    assert len(office.cards()) == 1


async def test_ten_minutes_down_miss_nothing(office: Office, phonet: PhonetOffice) -> None:
    """Phonet gave up telling us; its list of calls still has it."""
    await office.stopped()
    phonet.sender.url, began = "http://127.0.0.1:1/", office.clock.now()
    await phonet.calls.client_calls(CLIENT, "Продажі", NobodyAnswers())
    await phonet.calls.settled()
    office.clock.set(began + timedelta(minutes=10))
    await office.begun_again()
    await reconcile.reconcile(office.desk, "main", timedelta(hours=24))
    await office.settle()
    [card] = office.cards()
    assert card.text.splitlines()[-1] == "♻️ Recovered: no event told us of it in time."


async def test_a_stale_session_costs_nothing(office: Office, phonet: PhonetOffice) -> None:
    phonet.expire_sessions()
    await calls(office, phonet, CLIENT, "Продажі", NobodyAnswers())
    assert len(office.cards()) == 1


# who may call us


async def test_behind_a_proxy_the_address_and_the_secret_both_count(database_url: str) -> None:
    entry = Simulated("phonet", more={"webhook_networks": []})
    async with an_office(database_url, pbxes=[entry], http={"trusted_proxies": ["127.0.0.1"]}) as office:
        body = {"request": "call.settings", "otherLegNum": CLIENT}

        async def status(secret: str, address: str | None) -> int:
            headers = {"X-Forwarded-For": address} if address else {}
            async with office.http.post(f"{office.url}/pbx/main{secret}", json=body, headers=headers) as response:
                return response.status

        assert await status(f"/{WEBHOOK_TOKEN}", PHONET_ADDRESS) == 200
        assert await status(f"/{WEBHOOK_TOKEN}", f"192.0.2.7, {PHONET_ADDRESS}") == 200
        assert await status(f"/{WEBHOOK_TOKEN}", f"{PHONET_ADDRESS}, 192.0.2.7") == 401
        assert await status(f"/{WEBHOOK_TOKEN}", "192.0.2.7") == 401
        assert await status(f"/{WEBHOOK_TOKEN}", None) == 401
        assert await status("", PHONET_ADDRESS) == 401
        assert await status("/another-secret", PHONET_ADDRESS) == 401


async def test_who_is_calling_is_answered_in_its_form(office: Office) -> None:
    await save(office.desk, CLIENT, "Оксана", "taras@kvitka.example", ANNA)

    async def asked(number: str) -> Any:
        body = {"request": "call.settings", "otherLegNum": number, "trunkNum": "+380440000001"}
        async with office.http.post(f"{office.url}/pbx/main/{WEBHOOK_TOKEN}", json=body) as response:
            assert response.status == 200
            return (await response.json())["otherLeg"]

    known = await asked(CLIENT)
    assert (known["name"], known["urlText"], known["responsibleEmployeeExt"]) == ("Оксана", "Оксана", "002")
    assert await asked(OTHER) is None


# what else it tells


async def test_a_pause_is_shown_in_the_team(office: Office, phonet: PhonetOffice) -> None:
    phonet.calls.pause("002")
    await office.settle()
    [team] = await office.says(ANNA, ANNA, "/team")
    assert "✅ Тарас Бондаренко · 002: Igor · ⏸ on a pause since 12:00" in team.text.splitlines()
    office.clock.advance(minutes=5)
    phonet.calls.unpause("002")
    await office.settle()
    [team] = await office.says(ANNA, ANNA, "/team")
    assert "✅ Тарас Бондаренко · 002: Igor" in team.text.splitlines()
    assert office.cards() == []


@pytest.mark.parametrize("label_first", [True, False])
async def test_a_client_s_source_comes_to_the_card_whichever_comes_first(
    office: Office, phonet: PhonetOffice, label_first: bool
) -> None:
    phonet.calls.visits[CLIENT] = Visit(source="google", medium="cpc", campaign="spring")
    await phonet.calls.client_calls(CLIENT, "Продажі", NobodyAnswers())
    if label_first:
        phonet.calls.send_utm()
    await office.settle()
    await office.later(seconds=2)
    if not label_first:
        assert "Came from" not in office.cards()[0].text
        phonet.calls.send_utm()
    await office.settle()
    [card] = office.cards()
    assert card.text == (
        "🔴 Missed call · +380 50 000 0001\n🏢 Продажі · to +380 44 000 0001\n🕒 today 12:00 · waited 20 s\n"
        "🔎 Came from: google / cpc / spring"
    )


async def hears(office: Office, body: object) -> None:
    async with office.http.post(f"{office.url}/pbx/main/{WEBHOOK_TOKEN}", json=body) as response:
        assert response.status == 200
    await office.settle()


@pytest.mark.parametrize("label_first", [True, False])
async def test_a_label_without_the_call_s_id_is_joined_by_client_and_time(
    office: Office, phonet: PhonetOffice, label_first: bool
) -> None:
    began = round(office.clock.now().timestamp() * 1000)
    label = {"utmSource": "mail", "otherLegNum": CLIENT, "callStart": began + 30_000}
    yesterday = {"utmSource": "old", "otherLegNum": CLIENT, "callStart": began - 86_400_000}
    if label_first:
        await hears(office, [label, yesterday])
    await calls(office, phonet, CLIENT, "Продажі", NobodyAnswers())
    if not label_first:
        await hears(office, [yesterday, label])
    assert office.cards()[0].text.splitlines()[-1] == "🔎 Came from: mail"


async def test_a_later_call_does_not_get_an_earlier_one_s_source(office: Office, phonet: PhonetOffice) -> None:
    began = round(office.clock.now().timestamp() * 1000)
    await hears(office, [{"utmSource": "mail", "otherLegNum": CLIENT, "callStart": began - 300_000}])
    await calls(office, phonet, CLIENT, "Продажі", NobodyAnswers())
    assert "Came from" not in office.cards()[0].text


async def test_the_end_of_a_pause_that_overtook_its_beginning_counts(office: Office) -> None:
    began = round(office.clock.now().timestamp() * 1000)
    leg = {"id": 19, "ext": "002", "displayName": "Тарас Бондаренко"}
    ended = {"event": "call.dial", "uuid": "p2", "lgDirection": 64, "leg": leg, "dialAt": began + 60_000}
    begun = {"event": "call.dial", "uuid": "p1", "lgDirection": 32, "leg": leg, "dialAt": began}
    for news in (ended, begun):
        await hears(office, news)
    assert "on a pause" not in (await office.says(ANNA, ANNA, "/team"))[0].text


async def test_what_was_learned_of_clients_is_forgotten_with_the_raw_news(
    office: Office, phonet: PhonetOffice
) -> None:
    phonet.calls.visits[KNOWN_CLIENT] = Visit()
    await calls(office, phonet, KNOWN_CLIENT, "Продажі", NobodyAnswers())
    phonet.calls.send_utm()
    await office.later(seconds=1)

    async def kept() -> list[str]:
        async with office.desk.db.read() as tx:
            names = (await tx.execute(select(tables.kept.c.name))).scalars()
            return sorted(name.partition(" ")[0] for name in names if name.startswith(("source ", "client ")))

    assert await kept() == ["client", "source"]
    office.clock.advance(days=29)
    await retention.forget_old(office.desk)
    assert await kept() == ["client", "source"]
    office.clock.advance(days=2)
    await retention.forget_old(office.desk)
    assert await kept() == []


# the PBX's own address book


async def test_a_client_whom_only_the_pbx_knows_gets_the_name_of_its_card(
    office: Office, phonet: PhonetOffice
) -> None:
    await calls(office, phonet, KNOWN_CLIENT, "Продажі", NobodyAnswers())
    await office.later(seconds=1)
    [card] = office.cards()
    assert card.text.splitlines()[:2] == ["🔴 Missed call · Марта Зоря", "+380 50 000 0077"]
    [told] = await office.says(IGOR, IGOR, KNOWN_CLIENT)
    assert told.text.splitlines()[0] == "☎️ Марта Зоря · +380 50 000 0077"


async def test_the_address_book_out_of_reach_delays_no_card(office: Office, phonet: PhonetOffice) -> None:
    await phonet.calls.client_calls(KNOWN_CLIENT, "Продажі", NobodyAnswers())
    await office.settle()
    await office.later(seconds=1)
    phonet.outage = Outage.ERROR_500
    [card] = office.cards()
    assert card.text.splitlines()[0] == "🔴 Missed call · +380 50 000 0077"
    for _ in range(6):
        await office.later(minutes=1)
    async with office.desk.db.read() as tx:
        from storage import memory

        assert await memory.timers_of(tx, "known_client") == []


async def test_an_answer_to_a_card_becomes_a_note_on_the_client_s_card(office: Office, phonet: PhonetOffice) -> None:
    await calls(office, phonet, KNOWN_CLIENT, "Продажі", NobodyAnswers())
    [card] = office.cards()
    [question] = await office.says(IGOR, office.team, "wants roses on Friday", reply_to=card.id)
    data = question.button("Save as note").data
    await office.presses(MARIA, question, "Save as note")
    assert question.text == (
        "📝 A note now, saved by Maria: the client's cards show it.\nIt is on the client's card at PBX main too."
    )
    assert "\n📝 wants roses on Friday, Igor " in card.text
    [contact] = phonet.office.contacts.with_number(KNOWN_CLIENT)
    assert [note["content"] for note in phonet.office.contacts.notes(contact["id"])] == [
        "Igor: wants roses on Friday"
    ]
    await presses_data(office, IGOR, question, data or "")
    assert len(phonet.office.contacts.notes(contact["id"])) == 1
    await office.presses(IGOR, question, "Remove")
    assert question.text == (
        "📝 No note any more, removed by Igor.\nPBX main keeps its copy. Remove it in the PBX's cabinet."
    )
    assert "📝" not in card.text


async def test_a_client_without_a_card_there_and_a_guest(office: Office, phonet: PhonetOffice) -> None:
    await calls(office, phonet, CLIENT, "Продажі", NobodyAnswers())
    [card] = office.cards()
    office.world.join(STRANGER, office.team)
    assert await office.says(STRANGER, office.team, "hello", reply_to=card.id) == []
    [question] = await office.says(IGOR, office.team, "wants roses on Friday", reply_to=card.id)
    phonet.outage = Outage.ERROR_500
    await office.presses(IGOR, question, "Save as note")
    kept = "📝 A note now, saved by Igor: the client's cards show it.\n"
    assert question.text == f"{kept}PBX main does not answer. Try again in a minute."
    assert "\n📝 wants roses on Friday, Igor " in card.text
    phonet.outage = Outage.NONE
    await office.presses(IGOR, question, "Save at PBX main")
    assert question.text == (
        f"{kept}PBX main has no card of this client to write on. Create one in the PBX's cabinet, then press the "
        "button."
    )
    assert card.text.count("📝") == 1
