"""An office at t2, which calls no webhook: everything is asked for, and has to be there within one interval."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from desk import directory, reconcile, tokens
from pbx.errors import AuthFailed, Unavailable
from sandbox.t2 import (
    Answered,
    ClientAnswers,
    ClientIsBusy,
    HangsUp,
    NobodyAnswers,
    Outage,
    OutsideHours,
    Quirks,
    T2Office,
)
from sandbox.telegram import Answer
from tests.office import ANNA, IGOR, MARIA, Office, Simulated, an_office
from tests.simulators import ACCESS_TOKEN, REFRESH_TOKEN

CLIENT, OTHER = "79000001251", "79000001252"
LOGINS = {ANNA: "79000001101", IGOR: "79000001102", MARIA: "79000001103"}

RENEWAL = (
    "To renew them: in the PBX's cabinet, as its administrator, press the company's name at the top right, open "
    "«Токен API» and press «Сгенерировать токен». Put the two new tokens into `access_token` and `refresh_token` of "
    "PBX main in the configuration and start me again."
)
DEAD = (
    "⚠️ The PBX main refuses our tokens: no call reaches us until they are renewed.\n"
    f"{RENEWAL}\n/status shows the PBX's own words."
)


@pytest.fixture
async def office(database_url: str) -> AsyncIterator[Office]:
    async with an_office(database_url, pbxes=[Simulated("t2")]) as built:
        await directory.refresh(built.desk, "main")
        await built.connected(logins=LOGINS)
        assert await built.polled() == 0
        yield built


@pytest.fixture
def t2(office: Office) -> T2Office:
    return office.simulator(T2Office)


async def test_a_missed_call_is_a_card_one_interval_later_and_closes_when_called_back(
    office: Office, t2: T2Office
) -> None:
    await t2.calls.client_calls(CLIENT, "Продажи", NobodyAnswers())
    over = office.clock.now()
    await office.polled()
    [card] = office.cards()
    assert office.clock.now() - over <= timedelta(seconds=office.desk.poll_seconds["main"])
    assert card.text == ("🔴 Missed call · +7 900 000-12-51\n🏢 to +7 495 000-01-01\n🕒 today 12:00 · waited 20 s")

    t2.calls.receptions[CLIENT] = ClientIsBusy()
    assert await office.presses(IGOR, card, "Call back") == Answer(
        "📞 Your phone is ringing: pick it up and I connect +7 900 000-12-51."
    )
    await office.polled()
    [card] = office.cards()
    assert card.text == (
        "🟠 Not reached yet · +7 900 000-12-51\n🏢 to +7 495 000-01-01\n🕒 today 12:00 · waited 20 s\n"
        "📵 Дарья Зайцева, today 12:01: busy"
    )

    t2.calls.receptions[CLIENT] = ClientAnswers(after=5, talk=45)
    await office.presses(IGOR, card, "Call back")
    await office.polled()
    [card] = office.cards()
    assert card.text == (
        "🟢 Called back · +7 900 000-12-51\n🏢 to +7 495 000-01-01\n🕒 today 12:00 · waited 20 s\n"
        "📵 Дарья Зайцева, today 12:01: busy\n📗 Дарья Зайцева · after 74 s · talked 45 s"
    )


async def test_while_the_phone_rings_the_card_names_the_caller(office: Office, t2: T2Office) -> None:
    await t2.calls.client_calls(CLIENT, "Продажи", NobodyAnswers())
    await office.polled()
    await office.presses(MARIA, office.cards()[0], "Call back")
    assert office.cards()[0].text.endswith("\n📲 Никита Фролов is calling (12:01)")


async def test_the_client_who_gets_through_closes_the_card(office: Office, t2: T2Office) -> None:
    await t2.calls.client_calls(CLIENT, "Продажи", HangsUp(after=6))
    await office.polled()
    assert office.cards()[0].text.startswith("🔴 Hung up before an answer · +7 900 000-12-51\n")
    await t2.calls.client_calls(CLIENT, "Продажи", Answered("103", after=5, talk=60))
    await office.polled()
    [card] = office.cards()
    assert card.text.startswith("🟢 Got through to us · +7 900 000-12-51\n")
    assert card.text.endswith("\n📗 Никита Фролов · after 31 s · talked 60 s")


async def test_a_call_on_an_employee_s_own_number_and_one_outside_hours_are_missed_too(
    office: Office, t2: T2Office
) -> None:
    await t2.calls.client_calls(CLIENT, "darya@vasilek.example", NobodyAnswers())
    await t2.calls.client_calls(OTHER, "Сервис", OutsideHours())
    await office.polled()
    own, outside = office.cards()
    assert own.text.splitlines()[1] == "🏢 to +7 900 000-11-02"
    assert outside.text.splitlines()[1] == "🏢 to +7 495 000-01-02 · outside hours"


async def test_what_is_read_again_is_told_once(office: Office, t2: T2Office) -> None:
    await t2.calls.client_calls(CLIENT, "Продажи", NobodyAnswers())
    assert await office.polled() == 1
    assert [await office.polled() for _ in range(3)] == [0, 0, 0]
    await office.restarted()
    assert [await office.polled() for _ in range(2)] == [0, 0]
    await reconcile.reconcile(office.desk, "main", timedelta(hours=24))
    await office.settle()
    assert "called" not in office.cards()[0].text
    assert len(office.cards()) == 1


@pytest.mark.parametrize(
    "quirks",
    [
        Quirks(record_time="epoch", missing_late=60),
        Quirks(record_time="epoch", records_late=60),
        Quirks(missing_rows="table", records_late=60),
        Quirks(wrapped_records=True, record_uuid=True, record_date=True, missing_late=60),
    ],
    ids=repr,
)
async def test_a_call_whose_second_list_comes_after_a_restart_is_still_one_call(
    office: Office, t2: T2Office, quirks: Quirks
) -> None:
    t2.quirks = quirks
    office.clock.advance(milliseconds=123)
    await t2.calls.client_calls(CLIENT, "Продажи", NobodyAnswers())
    await office.polled()
    assert len(office.cards()) == 1
    await office.restarted(minutes=10)
    await office.polled()
    [card] = office.cards()
    assert "called" not in card.text


async def test_ten_minutes_down_miss_nothing_and_repeat_nothing(office: Office, t2: T2Office) -> None:
    await t2.calls.client_calls(CLIENT, "Продажи", NobodyAnswers())
    await office.polled()
    await office.stopped()
    office.clock.advance(minutes=4)
    await t2.calls.client_calls(OTHER, "Продажи", NobodyAnswers())
    await t2.calls.employee_dials("102", CLIENT, ClientAnswers())
    office.clock.advance(minutes=5)
    await office.begun_again()
    await office.polled()
    told = [card.text.splitlines()[0] for card in office.cards()]
    assert told == ["🟢 Called back · +7 900 000-12-51", "🔴 Missed call · +7 900 000-12-52"]
    assert "Recovered" not in office.cards()[1].text


async def test_a_long_downtime_ends_in_one_digest(office: Office, t2: T2Office) -> None:
    await office.stopped()
    for number in (CLIENT, OTHER, "79000001253"):
        await t2.calls.client_calls(number, "Продажи", NobodyAnswers())
    office.clock.advance(hours=3)
    await office.begun_again()
    await office.polled()
    [digest] = office.cards()
    assert digest.text.splitlines()[0] == "♻️ 3 clients could not reach us, and the PBX told us only now"
    assert await office.polled() == 0
    assert len(office.cards()) == 1


async def test_an_outage_of_the_pbx_moves_nothing_past_us(office: Office, t2: T2Office) -> None:
    t2.outage = Outage.ERROR_500
    await t2.calls.client_calls(CLIENT, "Продажи", NobodyAnswers())
    for _ in range(3):
        with pytest.raises(Unavailable):
            await office.polled()
    t2.outage = Outage.NONE
    assert await office.polled() == 1
    assert len(office.cards()) == 1


async def test_the_manager_whom_t2_has_for_a_client_is_named_as_responsible(office: Office, t2: T2Office) -> None:
    await t2.calls.client_calls("79000001201", "Продажи", NobodyAnswers())
    await office.polled()
    assert "Responsible" not in office.cards()[0].text
    await office.later(seconds=1)
    assert office.cards()[0].text.splitlines()[-1] == "👤 Responsible: Дарья Зайцева"
    [told] = await office.says(IGOR, IGOR, "/contact 79000001201")
    assert told.text.splitlines()[:2] == ["☎️ +7 900 000-12-01", "👤 Responsible: Дарья Зайцева"]

    await office.says(ANNA, ANNA, "/contact 79000001201 Ирина | 103")
    assert "👤 Responsible: Никита Фролов" in office.cards()[0].text.splitlines()


# tokens


async def test_the_pair_is_refreshed_half_a_day_before_it_would_end(office: Office, t2: T2Office) -> None:
    for _ in range(14 * 24 // 6):
        office.clock.advance(hours=6)
        await tokens.keep_alive(office.desk, office.desk.pbxes["main"])
        await office.polled()
    assert t2.tokens.current.access != ACCESS_TOKEN
    assert office.bot_messages(ANNA)[-1].text.startswith("👋")


async def test_a_refresh_killed_after_the_pair_was_kept_goes_on_with_it(office: Office, t2: T2Office) -> None:
    office.clock.advance(hours=13)
    await tokens.keep_alive(office.desk, office.desk.pbxes["main"])
    assert t2.tokens.current.refresh != REFRESH_TOKEN
    await office.restarted(minutes=1)
    await t2.calls.client_calls(CLIENT, "Продажи", NobodyAnswers())
    await office.polled()
    assert len(office.cards()) == 1


async def test_a_refresh_killed_before_the_pair_was_kept_is_explained_with_the_steps(
    office: Office, t2: T2Office
) -> None:
    t2.lose_refresh_reply = True
    office.clock.advance(hours=13)
    with pytest.raises(Unavailable):
        await tokens.keep_alive(office.desk, office.desk.pbxes["main"])
    t2.lose_refresh_reply = False
    await office.restarted(minutes=1)
    for _ in range(2):
        with pytest.raises(AuthFailed):
            await office.polled()
    await office.settle()
    assert [one.text for one in office.bot_messages(ANNA) if "tokens" in one.text] == [DEAD]
    [status] = await office.says(ANNA, ANNA, "/status")
    assert "the token pair was replaced by a newer one and is dead" in status.text

    pair = t2.generate_tokens()
    await t2.calls.client_calls(CLIENT, "Продажи", NobodyAnswers())
    await office.restarted(entries={"main": {"access_token": pair.access, "refresh_token": pair.refresh}})
    await office.polled()
    assert len(office.cards()) == 1


async def test_administrators_are_warned_three_days_before_the_pair_dies(office: Office, t2: T2Office) -> None:
    t2.outage = Outage.ERROR_500
    told: list[tuple[int, str]] = []
    for day in range(1, 9):
        office.clock.advance(days=1)
        with pytest.raises((Unavailable, AuthFailed)):
            await tokens.keep_alive(office.desk, office.desk.pbxes["main"])
        await office.settle()
        told += [(day, one.text) for one in office.bot_messages(ANNA) if "tokens" in one.text.lower()][len(told) :]
    first_day, first = told[0]
    assert first_day == 4
    assert first == (
        f"⚠️ The tokens of PBX main die in 2 days and could not be replaced so far. I go on trying.\n{RENEWAL}"
    )
    assert [day for day, _ in told] == [4, 5, 6, 7, 8]
