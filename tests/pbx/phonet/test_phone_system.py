"""What the desk asks of a Phonet account, and what it is told plainly that Phonet has not."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import httpx
import pytest

from pbx.errors import AuthFailed, Rejected, Unsupported
from pbx.phone_system import Answer, PhoneSystem
from pbx.phonet.client import PhonetClient
from pbx.phonet.wire import Track
from pbx.vocabulary import (
    ActiveCall,
    ClientCard,
    Direction,
    Employee,
    Note,
    Registration,
    Role,
    Stage,
    StartedCall,
    Tried,
    WhoIsCalling,
)
from tests.pbx.phonet.phonet_account import NOW, Account, fixture, said

QUESTION = WhoIsCalling(client="+380442246595")
SEARCH = "GET /rest/crm/contacts/v2/searchByOLNum"
AUDIO = "GET /rest/public/calls/u1/audio"


async def test_an_employee_is_named_by_extension_and_answers_to_email_and_id(
    account: Account, phonet: PhoneSystem
) -> None:
    account.will("GET /rest/users", said(fixture("users")))
    ivan, yuriy = await phonet.employees()
    assert ivan == Employee(
        login="901",
        name="Иван Иванов",
        extension="901",
        email="ivan.ivanov@phonet.com.ua",
        aliases=("ivan.ivanov@phonet.com.ua", "30"),
    )
    assert all(yuriy.answers_to(word) for word in ("990", "Yuriy.Yuriev@phonet.com.ua", "14"))
    assert (ivan.numbers, ivan.role, ivan.registration) == ((), Role.EMPLOYEE, Registration.UNKNOWN)
    assert not phonet.capabilities.employee_numbers
    assert not phonet.capabilities.roles


async def test_a_call_is_started_from_the_extension_to_the_number_with_its_plus(
    account: Account, phonet: PhoneSystem
) -> None:
    account.will("POST /rest/user/makeCall", said(fixture("started_call")))
    assert await phonet.make_call("001", "+380993034330") == StartedCall("47a968893984475bbca0e29dec144ce3", NOW)
    assert json.loads(account.asked[-1].content) == {"legExt": "001", "otherLegNum": "+380993034330"}


async def test_a_started_call_may_go_unnamed(account: Account, phonet: PhoneSystem) -> None:
    account.will("POST /rest/user/makeCall", httpx.Response(200))
    assert (await phonet.make_call("001", "+380993034330")).id is None


async def test_active_calls_name_what_hang_up_takes(account: Account, phonet: PhoneSystem) -> None:
    account.will("GET /rest/calls/active/v3", said(fixture("active_calls_times_in_seconds")))
    outgoing, incoming, internal = await phonet.active_calls()
    assert incoming == ActiveCall(
        id="562aa0bd8d9842cd95e4a581443f2e86",
        client="+380442249895",
        direction=Direction.IN,
        stage=Stage.ANSWERED,
        employee="001",
        our_number="+380442246595",
        started_at=datetime(2015, 5, 15, 10, 34, 48, tzinfo=UTC),
        answered_at=datetime(2015, 5, 15, 10, 35, tzinfo=UTC),
        call_id="562aa0bd8d9842cd95e4a581443f2e86",
    )
    assert (outgoing.stage, outgoing.answered_at) == (Stage.DIALLING, None)
    assert (internal.direction, internal.client) == (Direction.INTERNAL, None)
    account.will(f"GET /rest/calls/active/{incoming.id}/hangup", httpx.Response(200))
    await phonet.hang_up(incoming.id or "")
    assert account.asked[-1].url.path == "/rest/calls/active/562aa0bd8d9842cd95e4a581443f2e86/hangup"


async def test_pauses_and_ended_calls_are_not_active(account: Account, phonet: PhoneSystem) -> None:
    rows = fixture("active_calls_times_in_seconds")
    rows[0]["lgDirection"], rows[1]["lastEvent"] = 32, "call.hangup"
    account.will("GET /rest/calls/active/v3", said(rows))
    assert [call.direction for call in await phonet.active_calls()] == [Direction.INTERNAL]


async def test_hanging_up_what_is_over_says_why_not(account: Account, phonet: PhoneSystem) -> None:
    account.will("GET /rest/calls/active/u1/hangup", httpx.Response(400, text="Звонок уже завершен"))
    with pytest.raises(Rejected) as refused:
        await phonet.hang_up("u1")
    assert refused.value.reason == "Звонок уже завершен"


async def test_a_known_client_is_answered_with_name_and_responsible(phonet: PhoneSystem) -> None:
    assert phonet.answer(QUESTION, Answer("Иван Иванов", "001")) == {
        "otherLeg": {
            "name": "Иван Иванов",
            "url": None,
            "urlText": "Иван Иванов",
            "newEntry": False,
            "responsibleEmployeeExt": "001",
            "responsibleEmployeeEmail": None,
        }
    }


async def test_a_responsible_known_by_email_goes_into_the_field_for_it(phonet: PhoneSystem) -> None:
    leg = phonet.answer(QUESTION, Answer("Иван Иванов", "example@email.com"))["otherLeg"]
    assert isinstance(leg, dict)
    assert (leg["responsibleEmployeeExt"], leg["responsibleEmployeeEmail"]) == (None, "example@email.com")


async def test_a_responsible_without_a_name_still_gets_the_call(phonet: PhoneSystem) -> None:
    leg = phonet.answer(QUESTION, Answer(None, "001"))["otherLeg"]
    assert isinstance(leg, dict)
    assert (leg["name"], leg["responsibleEmployeeExt"]) == (None, "001")


async def test_an_unknown_client_is_null(phonet: PhoneSystem) -> None:
    assert phonet.answer(QUESTION, Answer()) == {"otherLeg": None}


async def test_a_client_s_card_is_read_with_the_notes_people_wrote(account: Account, phonet: PhoneSystem) -> None:
    account.will(SEARCH, said(fixture("contacts_a_lone_object")))
    later = {**fixture("note"), "id": 2, "content": "Перезвонить", "dateCreate": 1503319698348}
    first = {**fixture("note"), "id": 1, "content": "Скидка 5 %", "dateCreate": 1503315376354}
    a_call = {**fixture("note"), "id": 3, "uuid": "u1", "billSec": 12}
    account.will("GET /rest/crm/contacts/v2/85491/notes", said([later, a_call, first]))
    assert await phonet.client_card("+380440000000") == ClientCard(
        id="85491",
        name="Александр",
        company="Online company",
        notes=(
            Note("1", "Скидка 5 %", datetime(2017, 8, 21, 11, 36, 16, 354_000, tzinfo=UTC)),
            Note("2", "Перезвонить", datetime(2017, 8, 21, 12, 48, 18, 348_000, tzinfo=UTC)),
        ),
    )


async def test_a_client_without_a_card_has_none(account: Account, phonet: PhoneSystem) -> None:
    account.will(SEARCH, said([]))
    assert await phonet.client_card("+380440000000") is None


async def test_a_note_is_sent_whole_because_a_missing_field_is_refused(account: Account, phonet: PhoneSystem) -> None:
    path = "/rest/crm/contacts/v2/85491/notes"
    account.will(f"POST {path}", lambda request: said({**json.loads(request.content), "id": 12}))
    assert await phonet.add_note("85491", "Перезвонить завтра") == Note("12", "Перезвонить завтра", NOW)
    now = int(NOW.timestamp() * 1000)
    assert json.loads(account.asked[-1].content) == {
        **fixture("note"),
        "elementId": 85491,
        "dateCreate": now,
        "lastModified": now,
        "content": "Перезвонить завтра",
    }


async def test_check_asks_something_that_needs_the_key(account: Account, phonet: PhoneSystem) -> None:
    account.will("GET /rest/users", said(fixture("users")))
    assert await phonet.check() == Tried(2)
    account.will("POST /rest/security/authorize", httpx.Response(403, text="Bad key"))
    account.forget(1)
    with pytest.raises(AuthFailed):
        await phonet.check()


LACKS: dict[str, Callable[[PhoneSystem], Awaitable[object]]] = {
    "departments": lambda phonet: phonet.departments(),
    "our_numbers": lambda phonet: phonet.our_numbers(),
    "do_not_disturb": lambda phonet: phonet.set_receives_calls("001", False),
    "blacklist": lambda phonet: phonet.block("+380440000000"),
    "block_anonymous": lambda phonet: phonet.set_blocks_anonymous(True),
    "polling": lambda phonet: phonet.poll(None),
}


@pytest.mark.parametrize("capability", LACKS)
async def test_what_phonet_has_not_is_said_plainly_and_nothing_is_asked(
    account: Account, phonet: PhoneSystem, capability: str
) -> None:
    assert getattr(phonet.capabilities, capability) is False
    with pytest.raises(Unsupported, match="phonet has no"):
        await LACKS[capability](phonet)
    assert account.asked == []


@pytest.mark.parametrize(
    ("track", "url"),
    [
        (Track.BOTH, "https://test4.phonet.com.ua/rest/public/calls/u1/audio"),
        (Track.INCOMING, "https://test4.phonet.com.ua/rest/public/calls/u1-rx/audio"),
        (Track.OUTGOING, "https://test4.phonet.com.ua/rest/public/calls/u1-tx/audio"),
    ],
)
def test_a_recording_has_one_address_for_both_sides_and_one_for_each(
    client: PhonetClient, track: Track, url: str
) -> None:
    assert client.recording_url("u1", track) == url


async def test_a_recording_comes_in_pieces_with_its_type(account: Account, client: PhonetClient) -> None:
    account.will(AUDIO, httpx.Response(200, headers={"Content-Type": "audio/wav"}, content=b"RIFF....WAVE"))
    async with client.recording("u1") as recording:
        assert recording.content_type == "audio/wav"
        assert b"".join([chunk async for chunk in recording.chunks]) == b"RIFF....WAVE"


async def test_a_recording_that_is_not_there_is_said_to_be_missing(account: Account, client: PhonetClient) -> None:
    account.will(AUDIO, httpx.Response(404, text="Запись не найдена"))
    with pytest.raises(Rejected) as missing:
        async with client.recording("u1"):
            pass
    assert (missing.value.status, missing.value.reason) == (404, "Запись не найдена")
