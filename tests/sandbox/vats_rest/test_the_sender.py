"""Webhooks are kept until they are taken, in every shape the vendor's installations use."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from urllib.parse import parse_qs

import pytest

from sandbox.vats_rest import Encoding, Manner, NobodyAnswers, Sender, TokenPlace, VatsOffice
from tests.sandbox.vats_rest.program import TOKEN, Clock, Program

BODY: dict[str, object] = {"cmd": "history", "callid": "1", "phone": "79000012345", "duration": 20}


class Delays:
    """Counts the waits instead of waiting."""

    def __init__(self) -> None:
        self.asked: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.asked.append(seconds)
        await asyncio.sleep(0)


@pytest.fixture
def delays() -> Delays:
    return Delays()


@pytest.fixture
async def sender(webhook_url: str, delays: Delays, clock: Clock) -> AsyncIterator[Sender]:
    async with Sender(
        webhook_url,
        TOKEN,
        now=clock.now,
        retry_sleep=delays.sleep,
        retry_delays=(1, 5),
        max_tries=4,
        connections=8,
    ) as opened:
        yield opened


async def test_it_repeats_with_growing_delays_until_200(sender: Sender, program: Program, delays: Delays) -> None:
    program.replies = [503, 500, 401]
    task = sender.post(BODY)
    assert sender.undelivered == 1
    assert await task
    assert delays.asked == [1, 5, 5]
    assert [(e.attempt, e.status) for e in sender.log] == [(1, 503), (2, 500), (3, 401), (4, 200)]
    assert (sender.undelivered, sender.given_up, len(program.got)) == (0, [], 1)


async def test_it_gives_up_in_the_end(sender: Sender, program: Program) -> None:
    program.replies = [500] * 4
    assert not await sender.post(BODY)
    assert (sender.undelivered, sender.given_up) == (0, [BODY])


async def test_a_dead_address_is_tried_again_too(sender: Sender) -> None:
    sender.url = "http://127.0.0.1:1/"
    assert not await sender.post(BODY)
    assert {(e.status, e.reply) for e in sender.log} == {(None, "ClientConnectorError")}


async def test_one_calls_webhooks_leave_in_order_and_a_repetition_holds_nobody_up(
    sender: Sender, program: Program
) -> None:
    program.replies = [500]
    for n in range(4):
        sender.post({"cmd": "event", "type": str(n), "user": "anna"}, lane="one")
    await sender.drained()
    assert [one["type"] for one in program.got][:3] in (["1", "2", "3"], ["1", "0", "2"], ["1", "2", "0"])
    assert [e.body["type"] for e in sender.log if e.attempt == 1] == ["0", "1", "2", "3"]


async def test_the_log_holds_no_key(sender: Sender) -> None:
    await sender.post(BODY)
    assert TOKEN not in repr(list(sender.log))


async def test_a_watcher_sees_each_attempt_and_the_end(sender: Sender) -> None:
    watch = sender.watch()
    await sender.post(BODY)
    sender.unwatch(watch)
    assert [entry.body async for entry in watch] == [BODY]


async def test_no_answer_about_a_contact_is_an_unknown_client(sender: Sender, program: Program) -> None:
    program.contact = ["not", "a", "mapping"]
    assert await sender.ask({"cmd": "contact", "phone": "7"}) == {}
    sender.url = "http://127.0.0.1:1/"
    assert await sender.ask({"cmd": "contact", "phone": "7"}) == {}
    assert len(sender.log) == 2


@pytest.mark.parametrize("encoding", Encoding)
async def test_every_encoding_carries_the_same_body(sender: Sender, program: Program, encoding: Encoding) -> None:
    sender.manner = Manner(encoding)
    await sender.post(BODY)
    [(headers, raw)] = program.raw
    text = {name: str(value) for name, value in BODY.items()} | {"crm_token": TOKEN}
    match encoding:
        case Encoding.FORM | Encoding.MULTIPART:
            assert program.got == [text]
        case Encoding.JSON:
            assert json.loads(raw) == {**BODY, "crm_token": TOKEN}
            assert headers["Content-Type"] == "application/json"
        case Encoding.PAYLOAD:
            assert json.loads(parse_qs(raw.decode())["payload"][0]) == {**BODY, "crm_token": TOKEN}


@pytest.mark.parametrize(
    ("place", "header", "value"),
    [
        (TokenPlace.HEADER, "X-CRM-Token", TOKEN),
        (TokenPlace.BEARER, "Authorization", f"Bearer {TOKEN}"),
        (TokenPlace.BASIC, "Authorization", "Basic " + base64.b64encode(f"vats:{TOKEN}".encode()).decode()),
    ],
)
async def test_the_key_may_travel_in_a_header(
    sender: Sender, program: Program, place: TokenPlace, header: str, value: str
) -> None:
    sender.manner = Manner(token=place)
    await sender.post(BODY)
    [(headers, raw)] = program.raw
    assert headers[header] == value
    assert TOKEN.encode() not in raw


async def test_the_content_type_may_be_wrong_or_missing(sender: Sender, program: Program) -> None:
    sender.manner = Manner(Encoding.JSON, content_type="")
    await sender.post(BODY)
    sender.manner = Manner(Encoding.JSON, content_type="text/plain")
    await sender.post(BODY)
    assert [headers.get("Content-Type") for headers, _ in program.raw] == [None, "text/plain"]


@pytest.mark.parametrize(
    ("nested", "field"),
    [("json", ("data", '{"telnum": "7"}')), ("brackets", ("data[telnum]", "7")), ("flat", ("telnum", "7"))],
)
async def test_a_nested_object_in_a_form(
    sender: Sender, program: Program, nested: str, field: tuple[str, str]
) -> None:
    sender.manner = Manner(nested=nested)  # type: ignore[arg-type]
    await sender.post({"cmd": "webhook", "data": {"telnum": "7"}})
    assert program.got[0][field[0]] == field[1]


async def test_a_flood_fills_the_connections_and_all_of_it_arrives(pbx: VatsOffice, program: Program) -> None:
    program.hold = asyncio.Event()
    flood = asyncio.create_task(pbx.calls.flood(100))
    await program.crowded.wait()
    program.hold.set()
    report = await flood
    assert (report.sent, report.delivered, program.most_at_once) == (100, 100, 8)
    assert len({one["phone"] for one in program.got}) == len(pbx.office.history) == 100


async def test_an_outage_of_the_program_loses_nothing(pbx: VatsOffice, program: Program) -> None:
    program.replies = [503] * 9
    await pbx.calls.client_calls("79000012345", "sales", NobodyAnswers())
    await pbx.calls.settled()
    assert sorted(program.story()[1:]) == sorted(
        [
            *(f"{kind} {login}" for kind in ("INCOMING", "CANCELLED") for login in ("igor", "maria", "anna")),
            "history Missed",
        ]
    )
    assert pbx.sender.undelivered == 0
