"""What every vendor must do alike. A vendor's own `test_contract.py` builds on `Contract` and sets `subject`:

class TestContract(Contract):
    subject = Subject(connect=…, secrets=(KEY, TOKEN), genuine=…, …)
"""

import json
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import httpx
import pytest
import stamina

from pbx.errors import (
    AuthFailed,
    Malformed,
    NotAuthentic,
    PbxError,
    RateLimited,
    Rejected,
    Unavailable,
    Unsupported,
    WebhookRefused,
)
from pbx.phone_system import Answer, PhoneSystem, WebhookRequest
from pbx.recording import Forbidden, NotThere
from pbx.vocabulary import UnknownEvent, WhoIsCalling

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CLIENT = "+79101234567"


@dataclass(frozen=True)
class Subject:
    """A vendor, as far as the contract needs to know it."""

    connect: Callable[[httpx.AsyncBaseTransport], PhoneSystem]
    """The vendor's own `connect`, with its configuration, keeper and clock."""
    secrets: tuple[str, ...]
    """What may appear in no message, repr, key or kept field."""
    genuine: WebhookRequest | None = None
    """A request the PBX would make; None for a PBX that makes none."""
    forged: tuple[WebhookRequest, ...] = ()
    """The same with a wrong key, from a wrong address …"""
    keyless: WebhookRequest | None = None
    """The same without any key, where the PBX brings one."""
    unknown_event: bytes = b""
    """A readable body of a known kind with a value that we have no meaning for."""
    repetition_of_genuine: bytes = b""
    """The news of `genuine` in another spelling, where the PBX has several (JSON and form …)."""
    preface: Callable[[httpx.Request], httpx.Response | None] = lambda request: None
    """Answers what the vendor asks beforehand (a session, a fresh token); None for the request proper."""
    employee: str = "admin"
    recording: str = "https://pbx.example/records/1.mp3"
    """The `recording_url` of a call, at the PBX that `connect` configures."""
    asked_again: Mapping[int, int] = field(default_factory=dict)
    """By status, how often a request is made where the vendor has its own rule (a stale session, an old token)."""


@dataclass(frozen=True)
class Fault:
    """What goes wrong, what it is called, and how often a request that is safe to repeat is made."""

    answer: Callable[[httpx.Request], httpx.Response]
    error: type[PbxError]
    tries: int
    status: int | None = None


def _status(status: int, error: type[PbxError], tries: int) -> Fault:
    return Fault(lambda _: httpx.Response(status), error, tries, status)


def _broken(kind: type[httpx.TransportError]) -> Fault:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise kind("it broke", request=request)

    return Fault(refuse, Unavailable, 3)


FAULTS = {
    "400": _status(400, Rejected, 1),
    "401": _status(401, AuthFailed, 1),
    "404": _status(404, Rejected, 1),
    "405": _status(405, Rejected, 1),
    "408": _status(408, Unavailable, 3),
    "429": _status(429, RateLimited, 1),
    "500": _status(500, Unavailable, 3),
    "502": _status(502, Unavailable, 3),
    "503": _status(503, Unavailable, 3),
    "504": _status(504, Unavailable, 3),
    "no connection": _broken(httpx.ConnectError),
    "no answer": _broken(httpx.ReadTimeout),
    "cut off": _broken(httpx.RemoteProtocolError),
}


async def _history(pbx: PhoneSystem) -> None:
    async for _ in pbx.history(NOW - timedelta(hours=2), NOW):
        pass


async def _recording(pbx: PhoneSystem, url: str) -> None:
    async with pbx.recording(url) as found:
        async for _ in found.chunks:
            pass


#: What a capability promises. What is not promised here has no request of its own.
PROMISES: list[tuple[str, Callable[[PhoneSystem, str], Awaitable[Any]]]] = [
    ("polling", lambda pbx, _: pbx.poll(None)),
    ("call_back", lambda pbx, employee: pbx.make_call(employee, CLIENT)),
    ("history", lambda pbx, _: _history(pbx)),
    ("employees", lambda pbx, _: pbx.employees()),
    ("departments", lambda pbx, _: pbx.departments()),
    ("switch_departments", lambda pbx, employee: pbx.set_receives_department_calls(employee, "sales", True)),
    ("staff_departments", lambda pbx, employee: pbx.add_to_department(employee, "sales")),
    ("staff_departments", lambda pbx, employee: pbx.remove_from_department(employee, "sales")),
    ("our_numbers", lambda pbx, _: pbx.our_numbers()),
    ("switch_numbers", lambda pbx, _: pbx.set_number_enabled(CLIENT, False)),
    ("sim_cards", lambda pbx, _: pbx.sim_cards()),
    ("sim_cards", lambda pbx, _: pbx.switch_sim_card_off(CLIENT)),
    ("operator_lines", lambda pbx, _: pbx.operator_lines()),
    ("line_alerts", lambda pbx, _: pbx.subscribe_to_line_alerts("https://bot.example.com/pbx/main")),
    ("recording_exceptions", lambda pbx, _: pbx.recording_rules()),
    ("recording_exceptions", lambda pbx, employee: pbx.set_recorded(employee, False)),
    ("do_not_disturb", lambda pbx, employee: pbx.receives_calls(employee)),
    ("do_not_disturb", lambda pbx, employee: pbx.set_receives_calls(employee, True)),
    ("active_calls", lambda pbx, _: pbx.active_calls()),
    ("hang_up", lambda pbx, _: pbx.hang_up("1")),
    ("blacklist", lambda pbx, _: pbx.blacklist()),
    ("blacklist", lambda pbx, _: pbx.block(CLIENT)),
    ("blacklist", lambda pbx, _: pbx.unblock(CLIENT)),
    ("block_anonymous", lambda pbx, _: pbx.blocks_anonymous()),
    ("block_anonymous", lambda pbx, _: pbx.set_blocks_anonymous(True)),
    ("statistics", lambda pbx, _: pbx.statistics(NOW - timedelta(hours=2), NOW)),
    ("client_cards", lambda pbx, _: pbx.client_card(CLIENT)),
    ("client_cards", lambda pbx, _: pbx.add_note("1", "a note")),
]


class Wire:
    """Stands for the network: counts the requests proper and answers them all alike."""

    def __init__(self, subject: Subject, answer: Callable[[httpx.Request], httpx.Response]) -> None:
        self.requests: list[httpx.Request] = []
        self._subject = subject
        self._answer = answer

    @property
    def mounted(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._handle)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        preface = self._subject.preface(request)
        if preface is not None:
            return preface
        self.requests.append(request)
        return self._answer(request)


class Contract:
    subject: ClassVar[Subject]

    @pytest.fixture(autouse=True)
    def _retry_at_once(self) -> Iterator[None]:
        with stamina.set_testing(True, attempts=3, cap=True):
            yield

    @pytest.fixture
    async def pbx(self) -> AsyncIterator[PhoneSystem]:
        pbx = self.subject.connect(Wire(self.subject, lambda _: httpx.Response(500)).mounted)
        yield pbx
        await pbx.close()

    # what it tells us

    def test_a_genuine_request_is_taken(self, pbx: PhoneSystem) -> None:
        if self.subject.genuine is None:
            assert not pbx.capabilities.webhook
            return
        pbx.verify(self.subject.genuine)
        assert pbx.read(self.subject.genuine.body, received_at=NOW)

    def test_a_forged_request_is_refused(self, pbx: PhoneSystem) -> None:
        assert self.subject.forged or self.subject.genuine is None
        for forged in self.subject.forged:
            with pytest.raises(NotAuthentic) as refusal:
                pbx.verify(forged)
            self._tells_no_secret(refusal.value)

    def test_a_request_without_a_key_is_refused(self, pbx: PhoneSystem) -> None:
        if self.subject.keyless:
            with pytest.raises(NotAuthentic):
                pbx.verify(self.subject.keyless)

    @pytest.mark.parametrize(
        "body", [b"", b"\xff\xfe=1", b"no mapping", b"[1, 2]", b"{", b'{"a": "\\ud800"}', b"[" * 9999]
    )
    def test_a_body_that_is_no_mapping_is_malformed_or_not_authentic(self, pbx: PhoneSystem, body: bytes) -> None:
        genuine = self.subject.genuine
        if genuine is None:
            return
        request = WebhookRequest(genuine.headers, body, genuine.secret, genuine.remote)
        with pytest.raises(WebhookRefused) as refusal:
            _take(pbx, request)
        self._tells_no_secret(refusal.value)

    def test_an_unknown_event_survives(self, pbx: PhoneSystem) -> None:
        if self.subject.genuine is None:
            return
        (received,) = pbx.read(self.subject.unknown_event, received_at=NOW)
        assert isinstance(received.event, UnknownEvent)
        assert received.event.name
        assert received.key

    def test_an_unknown_kind_of_request_is_malformed(self, pbx: PhoneSystem) -> None:
        if self.subject.genuine is not None:
            with pytest.raises(Malformed):
                pbx.read(b'{"cmd": "teleport", "event": "", "request": "teleport"}', received_at=NOW)

    def test_a_repetition_has_the_same_key_and_other_news_another(self, pbx: PhoneSystem) -> None:
        if self.subject.genuine is None:
            return
        body = self.subject.genuine.body
        keys = [received.key for received in pbx.read(body, received_at=NOW)]
        again = self.subject.repetition_of_genuine or body
        assert keys == [received.key for received in pbx.read(again, received_at=NOW + timedelta(seconds=30))]
        other = [received.key for received in pbx.read(self.subject.unknown_event, received_at=NOW)]
        assert not set(keys) & set(other)

    def test_nothing_read_holds_a_secret_or_a_time_without_a_zone(self, pbx: PhoneSystem) -> None:
        if self.subject.genuine is None:
            return
        received = pbx.read(self.subject.genuine.body, received_at=NOW)
        self._hides_secrets(repr(received))
        times = [value for one in received for value in _values(one) if isinstance(value, datetime)]
        assert all(value.utcoffset() == timedelta(0) for value in times)

    def test_an_unknown_client_has_an_answer_of_its_own(self, pbx: PhoneSystem) -> None:
        if pbx.capabilities.who_is_calling:
            question = WhoIsCalling(client=CLIENT, call_id="1")
            unknown = pbx.answer(question, Answer())
            assert isinstance(json.loads(json.dumps(unknown)), dict)
            assert unknown != pbx.answer(question, Answer(name="Anna", responsible="701"))

    # what we ask it

    @pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
    async def test_reading_is_tried_again_only_when_that_may_help(self, fault: Fault) -> None:
        wire = Wire(self.subject, fault.answer)
        pbx = self.subject.connect(wire.mounted)
        with pytest.raises(fault.error) as refusal:
            await pbx.check()
        await pbx.close()
        assert len(wire.requests) == self.subject.asked_again.get(fault.status or 0, fault.tries)
        assert refusal.value.status == fault.status
        self._tells_no_secret(refusal.value)

    @pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
    async def test_starting_a_call_is_never_repeated(self, fault: Fault) -> None:
        wire = Wire(self.subject, fault.answer)
        pbx = self.subject.connect(wire.mounted)
        if pbx.capabilities.call_back:
            with pytest.raises(fault.error) as refusal:
                await pbx.make_call(self.subject.employee, CLIENT)
            refused_first = fault.error is AuthFailed
            assert len(wire.requests) == (self.subject.asked_again.get(fault.status or 0, 1) if refused_first else 1)
            self._tells_no_secret(refusal.value)
        await pbx.close()

    async def test_too_many_requests_says_when_to_come_back(self) -> None:
        wire = Wire(self.subject, lambda _: httpx.Response(429, headers={"Retry-After": "17"}))
        pbx = self.subject.connect(wire.mounted)
        with pytest.raises(RateLimited) as refusal:
            await pbx.check()
        await pbx.close()
        assert refusal.value.retry_after == timedelta(seconds=17)

    @pytest.mark.parametrize("status", [400, 401, 403, 500])
    async def test_a_pbx_that_repeats_our_secrets_makes_us_no_telltale(self, status: int) -> None:
        def echo(request: httpx.Request) -> httpx.Response:
            sent = f"{request.url} {request.headers.raw!r} {request.content!r}"
            return httpx.Response(status, json={"error": [one for one in self.subject.secrets if one in sent]})

        wire = Wire(self.subject, echo)
        pbx = self.subject.connect(wire.mounted)
        with pytest.raises(PbxError) as refusal:
            await pbx.check()
        await pbx.close()
        self._tells_no_secret(refusal.value)

    @pytest.mark.parametrize("page", [b"<html>Welcome</html>", b"", b'"word"', b"[[]]", b'[{"unexpected": 1}]'])
    async def test_an_answer_nobody_promised_is_an_error_of_ours(self, page: bytes) -> None:
        """Or nothing at all, where the vendor's manual leaves room for it: but never a stray exception."""
        wire = Wire(self.subject, lambda _: httpx.Response(200, content=page))
        pbx = self.subject.connect(wire.mounted)
        try:
            await pbx.check()
        except PbxError as error:
            self._tells_no_secret(error)
        await pbx.close()

    @pytest.mark.parametrize(
        ("capability", "use"), PROMISES, ids=lambda value: value if isinstance(value, str) else ""
    )
    async def test_what_is_lacking_is_said_plainly_and_what_is_promised_is_asked(
        self, capability: str, use: Callable[[PhoneSystem, str], Awaitable[Any]]
    ) -> None:
        wire = Wire(self.subject, lambda _: httpx.Response(503))
        pbx = self.subject.connect(wire.mounted)
        promised = getattr(pbx.capabilities, capability)
        with pytest.raises(Unavailable if promised else Unsupported):
            await use(pbx, self.subject.employee)
        assert bool(wire.requests) == promised
        await pbx.close()

    @pytest.fixture
    async def silent(self) -> AsyncIterator[tuple[PhoneSystem, Wire]]:
        wire = Wire(self.subject, lambda _: httpx.Response(503))
        pbx = self.subject.connect(wire.mounted)
        yield pbx, wire
        await pbx.close()

    async def test_a_recording_is_asked_of_the_pbx_where_there_are_any(
        self, silent: tuple[PhoneSystem, Wire]
    ) -> None:
        pbx, wire = silent
        with pytest.raises(Unavailable if pbx.capabilities.recordings else Unsupported) as refusal:
            await _recording(pbx, self.subject.recording)
        assert len(wire.requests) == pbx.capabilities.recordings
        self._tells_no_secret(refusal.value)

    async def test_a_recording_elsewhere_is_not_asked_for(self, silent: tuple[PhoneSystem, Wire]) -> None:
        pbx, wire = silent
        with pytest.raises((Forbidden, Unsupported)):
            await _recording(pbx, "https://elsewhere.example/1.mp3")
        assert wire.requests == []

    @pytest.mark.parametrize("status", [404, 410])
    async def test_a_recording_that_is_gone_is_not_there(self, status: int) -> None:
        pbx = self.subject.connect(Wire(self.subject, lambda _: httpx.Response(status)).mounted)
        with pytest.raises(NotThere if pbx.capabilities.recordings else Unsupported) as missing:
            await _recording(pbx, self.subject.recording)
        assert missing.value.status == (status if pbx.capabilities.recordings else None)
        await pbx.close()

    def test_neither_the_phone_system_nor_its_parts_show_a_secret(self, pbx: PhoneSystem) -> None:
        self._hides_secrets(repr(pbx))
        for part in vars(pbx).values():
            self._hides_secrets(f"{part!r} {part}")

    def _tells_no_secret(self, error: BaseException) -> None:
        told = [*traceback.format_exception(error), repr(error), repr(getattr(error, "reason", ""))]
        self._hides_secrets(" ".join(told))

    def _hides_secrets(self, text: str) -> None:
        assert all(secret not in text for secret in self.subject.secrets)


def _take(pbx: PhoneSystem, request: WebhookRequest) -> None:
    pbx.verify(request)
    pbx.read(request.body, received_at=NOW)


def _values(one: Any) -> Iterator[Any]:
    """Every value within nested dataclasses."""
    if is_dataclass(one):
        for part in fields(one):
            yield from _values(getattr(one, part.name))
    else:
        yield one
