"""What the desk needs of a phone system. One implementation per vendor folder; the desk knows only this.

Methods that a vendor lacks raise `Unsupported`; `capabilities` says beforehand which those are. Every method may
raise `PbxError`; none of them logs or retries a thing that is not safe to repeat.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Protocol, runtime_checkable

from pbx.errors import NotAuthentic, Unsupported
from pbx.recording import Recording
from pbx.vocabulary import (
    ActiveCall,
    Blocked,
    Call,
    CallOver,
    Capabilities,
    ClientCard,
    Department,
    Employee,
    Note,
    OperatorLine,
    OurNumber,
    PbxStatistics,
    Phrase,
    Received,
    RecordingRules,
    SimCard,
    StartedCall,
    Tried,
    WhoIsCalling,
)


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """A request to our webhook as it came, before anything of it is believed."""

    headers: Mapping[str, str]
    """Looked up without regard to case."""
    body: bytes
    secret: str | None = None
    """The secret part of the path, if there was one."""
    remote: str = ""
    """The caller's address, proxies that we trust already taken off."""


def from_known_address(request: WebhookRequest, networks: Iterable[IPv4Network | IPv6Network]) -> None:
    """Raise `NotAuthentic` unless the request comes from one of `networks`."""
    try:
        address = ip_address(request.remote.strip())
    except ValueError:
        raise NotAuthentic("no address") from None
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if not any(address in network for network in networks):
        raise NotAuthentic("not one of the PBX's addresses")


@dataclass(frozen=True, slots=True)
class Answer:
    """Who is calling, as far as we know: both empty for somebody unknown."""

    name: str | None = None
    responsible: str | None = None


class PhoneSystem(Protocol):
    """One configured PBX account."""

    id: str
    vendor: str
    country: str
    capabilities: Capabilities

    # what it tells us

    def verify(self, request: WebhookRequest) -> None:
        """Raise `NotAuthentic` unless it comes from the PBX, `Malformed` if it can't be read far enough to tell."""
        ...

    def read(self, body: bytes, *, received_at: datetime) -> list[Received]:
        """A verified body as our events, mostly one. Pure: the same body gives the same events. Raises `Malformed`.

        `received_at` stands in where the PBX leaves the time out.
        """
        ...

    def answer(self, question: WhoIsCalling, answer: Answer) -> dict[str, object]:
        """`answer` in the vendor's own form."""
        ...

    # what we ask it

    async def employees(self) -> list[Employee]: ...

    async def departments(self) -> list[Department]: ...

    async def our_numbers(self) -> list[OurNumber]: ...

    async def make_call(self, employee: str, number: str) -> StartedCall:
        """Ring `employee` (login), then `number` (E.164). Never repeated by us: a repetition rings twice."""
        ...

    def history(self, start: datetime, end: datetime) -> AsyncIterator[Call]:
        """Ended calls with clients that began in [start, end), oldest first where the PBX can; UTC."""
        ...

    async def receives_calls(self, employee: str) -> bool:
        """False while the employee is on do-not-disturb, whatever the vendor's own polarity."""
        ...

    async def set_receives_calls(self, employee: str, receives: bool) -> None: ...

    async def set_receives_department_calls(self, employee: str, department: str | None, receives: bool) -> None:
        """Whether `employee` gets the calls of `department` (its id), or of each of theirs if None."""
        ...

    async def add_to_department(self, employee: str, department: str) -> None:
        """`employee` (login) gets the calls of `department` (its id) from now on. Not for those who are in it."""
        ...

    async def remove_from_department(self, employee: str, department: str) -> None: ...

    async def set_number_enabled(self, number: str, enabled: bool) -> None:
        """Whether one of the office's own numbers takes calls."""
        ...

    async def sim_cards(self) -> list[SimCard]: ...

    async def switch_sim_card_off(self, number: str) -> None:
        """It takes no calls until somebody gives it to an employee or to the office, at the PBX."""
        ...

    async def operator_lines(self) -> list[OperatorLine]: ...

    async def subscribe_to_line_alerts(self, url: str) -> bool:
        """Have lost registrations told to `url`, our webhook; False if they are told there already."""
        ...

    async def recording_rules(self) -> RecordingRules: ...

    async def set_recorded(self, employee: str, recorded: bool) -> None:
        """Whether calls of `employee` (login) are recorded, where calls are recorded at all."""
        ...

    async def blacklist(self) -> list[Blocked]: ...

    async def block(self, number: str, comment: str = "") -> None: ...

    async def unblock(self, number: str) -> None: ...

    async def blocks_anonymous(self) -> bool: ...

    async def set_blocks_anonymous(self, blocks: bool) -> None: ...

    async def final_words(self, over: Sequence[CallOver]) -> list[Call]:
        """How these calls ended, which were over at about the same time; one reading should tell of all of them.

        Left out is what goes on, or what the PBX does not list yet. Without its times a call is looked for just now.
        """
        ...

    async def active_calls(self) -> list[ActiveCall]: ...

    async def hang_up(self, call_id: str) -> None:
        """End a call by the `id` of its `ActiveCall`. Never repeated by us."""
        ...

    async def client_card(self, number: str) -> ClientCard | None:
        """The client's card in the PBX's own address book; None if there is none. `number` in E.164."""
        ...

    async def add_note(self, card_id: str, text: str) -> Note: ...

    async def responsible_for(self, number: str) -> str | None:
        """The login of the employee to whom the PBX itself sends this client's calls. `number` in E.164."""
        ...

    def recording(self, recording_url: str) -> AbstractAsyncContextManager[Recording]:
        """The recording of a call by its `recording_url`, to be read piece by piece; not tried again.

        Raises `NoRecording` (see `pbx.recording`) and the rest of the tree, while it is read too.
        """
        ...

    async def transcript(self, recording: str) -> list[Phrase]:
        """What was said, in order, by the `recording_url` of a call. `Rejected` if there is none."""
        ...

    async def statistics(self, start: datetime, end: datetime) -> PbxStatistics:
        """What the PBX itself counted in [start, end); UTC."""
        ...

    async def poll(self, cursor: str | None) -> tuple[list[Received], str]:
        """What is new since `cursor` (None at first), for a PBX without a webhook, and the next cursor.

        The caller stores both in one transaction, so that nothing is skipped or repeated over restarts.
        """
        ...

    async def check(self) -> Tried:
        """Ask the PBX something cheap that needs the key. Raises `PbxError`."""
        ...

    async def close(self) -> None: ...


class Keeper(Protocol):
    """Durable small values of one PBX (rotated tokens …): saved means committed."""

    async def load(self, name: str) -> str | None: ...

    async def save(self, name: str, value: str) -> None: ...


@runtime_checkable
class RotatingTokens(Protocol):
    """A phone system whose tokens end, and are replaced by the clock, in one process of several."""

    @property
    def token_expiry(self) -> datetime | None:
        """When access ends for good unless the tokens are refreshed before; None until they were first used."""
        ...

    @property
    def refresh_due(self) -> datetime | None:
        """When `refresh_tokens` should be called; None until they were first used."""
        ...

    async def refresh_tokens(self) -> None:
        """Replace the tokens. The new ones are saved before they are used."""
        ...


class Incapable:
    """Every request a vendor may lack, refused in one way. Vendors build on it and override what they have."""

    vendor = ""

    def _lacks(self, what: str) -> Unsupported:
        return Unsupported(f"{self.vendor} has no {what}")

    async def employees(self) -> list[Employee]:
        raise self._lacks("list of employees")

    async def departments(self) -> list[Department]:
        raise self._lacks("list of departments")

    async def our_numbers(self) -> list[OurNumber]:
        raise self._lacks("list of numbers")

    async def make_call(self, employee: str, number: str) -> StartedCall:
        raise self._lacks("way to start a call")

    def history(self, start: datetime, end: datetime) -> AsyncIterator[Call]:
        raise self._lacks("history export")

    async def final_words(self, over: Sequence[CallOver]) -> list[Call]:
        raise self._lacks("look-up of one call")

    async def active_calls(self) -> list[ActiveCall]:
        raise self._lacks("list of active calls")

    async def hang_up(self, call_id: str) -> None:
        raise self._lacks("way to end a call")

    async def client_card(self, number: str) -> ClientCard | None:
        raise self._lacks("address book")

    async def add_note(self, card_id: str, text: str) -> Note:
        raise self._lacks("address book")

    async def responsible_for(self, number: str) -> str | None:
        raise self._lacks("responsible employees")

    def recording(self, recording_url: str) -> AbstractAsyncContextManager[Recording]:
        raise self._lacks("recordings")

    async def transcript(self, recording: str) -> list[Phrase]:
        raise self._lacks("transcripts")

    async def statistics(self, start: datetime, end: datetime) -> PbxStatistics:
        raise self._lacks("statistics")

    async def poll(self, cursor: str | None) -> tuple[list[Received], str]:
        raise self._lacks("news to be polled: it calls our webhook")

    async def receives_calls(self, employee: str) -> bool:
        raise self._lacks("do-not-disturb")

    async def set_receives_calls(self, employee: str, receives: bool) -> None:
        raise self._lacks("do-not-disturb")

    async def set_receives_department_calls(self, employee: str, department: str | None, receives: bool) -> None:
        raise self._lacks("switch for the calls of a department")

    async def add_to_department(self, employee: str, department: str) -> None:
        raise self._lacks("way to staff departments")

    async def remove_from_department(self, employee: str, department: str) -> None:
        raise self._lacks("way to staff departments")

    async def set_number_enabled(self, number: str, enabled: bool) -> None:
        raise self._lacks("switch for a number")

    async def sim_cards(self) -> list[SimCard]:
        raise self._lacks("list of SIM cards")

    async def switch_sim_card_off(self, number: str) -> None:
        raise self._lacks("list of SIM cards")

    async def operator_lines(self) -> list[OperatorLine]:
        raise self._lacks("list of operator lines")

    async def subscribe_to_line_alerts(self, url: str) -> bool:
        raise self._lacks("alerts of lost lines")

    async def recording_rules(self) -> RecordingRules:
        raise self._lacks("choice of whose calls are recorded")

    async def set_recorded(self, employee: str, recorded: bool) -> None:
        raise self._lacks("choice of whose calls are recorded")

    async def blacklist(self) -> list[Blocked]:
        raise self._lacks("blacklist")

    async def block(self, number: str, comment: str = "") -> None:
        raise self._lacks("blacklist")

    async def unblock(self, number: str) -> None:
        raise self._lacks("blacklist")

    async def blocks_anonymous(self) -> bool:
        raise self._lacks("switch for anonymous calls")

    async def set_blocks_anonymous(self, blocks: bool) -> None:
        raise self._lacks("switch for anonymous calls")
