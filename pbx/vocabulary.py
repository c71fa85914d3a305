"""The words every floor shares: calls, events, employees. Frozen values, times in UTC, numbers in E.164.

A client's number is ``+79101234567`` where it could be read as a phone number, the PBX's own text where it
could not, and ``None`` where the caller hides it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class Direction(StrEnum):
    """Seen from the office."""

    IN = "in"
    OUT = "out"
    INTERNAL = "internal"


class Outcome(StrEnum):
    """How a call ended. For an outgoing call MISSED means: the client did not answer."""

    ANSWERED = "answered"
    MISSED = "missed"
    HUNG_UP = "hung_up"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"
    NOT_ALLOWED = "not_allowed"
    NO_SUCH_NUMBER = "no_such_number"
    UNKNOWN = "unknown"


class Destination(StrEnum):
    """Where an incoming call ended up, if not with a person: said on the card, never decides the outcome."""

    EMPLOYEE = "employee"
    DEPARTMENT = "department"
    OUTSIDE_NUMBER = "outside_number"
    MENU = "menu"
    ON_DUTY = "on_duty"
    OUTSIDE_HOURS = "outside_hours"
    GREETING = "greeting"
    VOICEMAIL = "voicemail"
    ANSWERING_MACHINE = "answering_machine"
    FAX = "fax"


class Stage(StrEnum):
    """A step of a call that is still going on."""

    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"
    CANCELLED = "cancelled"
    DIALLING = "dialling"
    TRANSFERRED = "transferred"
    UNKNOWN = "unknown"
    """It goes on; the PBX does not say whether anybody has answered."""


class Followup(StrEnum):
    """What the PBX itself says became of a missed call."""

    REACHED_US = "reached_us"
    RETURNED = "returned"
    NOT_RETURNED = "not_returned"
    NOT_REACHED = "not_reached"


class Role(StrEnum):
    """What a person may do here. The PBX's own administrators are managers; where it has no roles: employees."""

    MANAGER = "manager"
    EMPLOYEE = "employee"


class Registration(StrEnum):
    """Whether an employee's phone is known to the PBX as connected."""

    ONLINE = "online"
    OFFLINE = "offline"
    UNKNOWN = "unknown"


class LineState(StrEnum):
    """Whether an operator line is registered: only then do calls come through it."""

    UP = "up"
    DOWN = "down"
    OFF = "off"
    """Somebody has switched it off at the PBX."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Call:
    """One conversation attempt with a client, as the PBX reports it once it is over."""

    id: str
    direction: Direction
    outcome: Outcome
    client: str | None
    started_at: datetime
    ended_at: datetime
    answered_at: datetime | None = None
    """When somebody picked up; None if nobody did. The start, where the PBX does not say how long it rang."""
    wait: timedelta | None = None
    """How long the client waited."""
    talk: timedelta | None = None
    """How long they talked; None if the PBX does not say."""
    our_number: str | None = None
    our_number_name: str | None = None
    employee: str | None = None
    """The login by which the PBX names who talked or tried; None when a department or nobody did."""
    department: str | None = None
    destination: Destination | None = None
    recording_url: str | None = None
    rating: int | None = None
    followup: Followup | None = None
    source: str | None = None
    """Where the client came from (UTM labels), if the PBX knows."""
    status: str = ""
    """The vendor's own word for the outcome, kept for the day it means something new."""

    @property
    def is_missed(self) -> bool:
        """An incoming call nobody answered, the hung-up ones included."""
        return self.direction is Direction.IN and self.outcome in (Outcome.MISSED, Outcome.HUNG_UP)

    @property
    def is_answered(self) -> bool:
        return self.outcome is Outcome.ANSWERED

    @property
    def talked(self) -> timedelta | None:
        """How long they talked; None where the PBX tells neither that nor how long it rang before."""
        if self.talk is None and self.wait is not None and self.answered_at is not None:
            return self.ended_at - self.answered_at
        return self.talk

    @property
    def missed_at(self) -> datetime:
        """When the client began to try: whoever talks with them from then on has made good for it."""
        return self.started_at


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The vendor's final word on a call."""

    call: Call


@dataclass(frozen=True, slots=True)
class CallProgress:
    """Something happened within a call that goes on. Proves nothing about how it ends."""

    call_id: str
    stage: Stage
    client: str | None
    direction: Direction | None = None
    employee: str | None = None
    department: str | None = None
    our_number: str | None = None
    at: datetime | None = None
    """When, if the PBX says; else the time of receipt counts."""
    second_call_id: str | None = None
    """The other id of one conversation, after a transfer."""


@dataclass(frozen=True, slots=True)
class CallOver:
    """A call is over, but the PBX does not say how it ended until it is asked (`PhoneSystem.final_words`)."""

    call_id: str
    client: str | None
    direction: Direction | None = None
    at: datetime | None = None
    began: datetime | None = None
    """When the part of it that just ended began; the whole call may have begun earlier."""


@dataclass(frozen=True, slots=True)
class WhoIsCalling:
    """The PBX asks for a client's name and responsible employee while the phone rings."""

    client: str | None
    call_id: str | None = None
    our_number: str | None = None


@dataclass(frozen=True, slots=True)
class Rated:
    """A client rated the service, 1 to 5 (5 is best)."""

    stars: int
    call_id: str | None
    client: str | None
    employee: str | None = None


@dataclass(frozen=True, slots=True)
class LineLost:
    """An operator line lost its registration: no calls come through it."""

    number: str | None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class PauseChanged:
    """An employee went on a break at the PBX (takes no calls), or came back."""

    employee: str
    paused: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class SourceKnown:
    """Where the client of a call came from, told some time after the call."""

    call_id: str | None
    client: str | None
    source: str
    at: datetime | None = None
    """When the call began."""


@dataclass(frozen=True, slots=True)
class UnknownEvent:
    """A readable event we have no meaning for. It is stored and counted."""

    name: str


Event = (
    CallEnded | CallProgress | CallOver | WhoIsCalling | Rated | LineLost | PauseChanged | SourceKnown | UnknownEvent
)


@dataclass(frozen=True, slots=True)
class Employee:
    """A person at the PBX."""

    login: str
    """What names them at this PBX, in the form that the PBX wants it back."""
    name: str
    extension: str | None = None
    numbers: tuple[str, ...] = ()
    """Their own numbers in E.164 (mobile, direct): by these a Telegram user is recognised."""
    email: str | None = None
    role: Role = Role.EMPLOYEE
    registration: Registration = Registration.UNKNOWN
    aliases: tuple[str, ...] = ()
    """Other words that name the same person (extension, e-mail, id …)."""

    def answers_to(self, word: str) -> bool:
        """Whether `word`, as a person may type it, names this employee."""
        wanted = word.strip().casefold()
        return wanted in {a.casefold() for a in (self.login, self.extension or "", self.name, *self.aliases) if a}


@dataclass(frozen=True, slots=True)
class Member:
    """An employee's place in a department."""

    login: str
    receives_calls: bool | None = None
    is_head: bool = False


@dataclass(frozen=True, slots=True)
class Department:
    id: str
    name: str
    extension: str | None = None
    members: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True)
class OurNumber:
    """One of the office's own numbers."""

    number: str
    name: str | None = None
    enabled: bool | None = None
    route: str | None = None
    """Where its calls go, in words."""


@dataclass(frozen=True, slots=True)
class SimCard:
    """A SIM card of the office."""

    number: str
    holder: str | None = None
    """Whose it is, in words."""
    is_shared: bool = False
    """It belongs to the whole office."""
    enabled: bool | None = None


@dataclass(frozen=True, slots=True)
class OperatorLine:
    """A number of another operator that the PBX takes calls from."""

    number: str
    name: str | None = None
    operator: str | None = None
    """The operator's address."""
    state: LineState = LineState.UNKNOWN


@dataclass(frozen=True, slots=True)
class RecordingRules:
    """Whose calls are recorded."""

    clients: bool | None = None
    """Whether calls with clients are recorded at all; None if the PBX does not say."""
    exceptions: tuple[str, ...] = ()
    """Logins of those whose calls are not."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """A row of the PBX's blacklist. `number` may be a range such as ``749512345*``."""

    number: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class StartedCall:
    """A call that the PBX has begun for us. `id` is None when it does not say which."""

    id: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ActiveCall:
    """A call that is going on now. `id` is what `PhoneSystem.hang_up` takes; a call may be listed once per leg."""

    id: str | None
    client: str | None
    direction: Direction | None = None
    stage: Stage | None = None
    employee: str | None = None
    department: str | None = None
    our_number: str | None = None
    started_at: datetime | None = None
    answered_at: datetime | None = None
    call_id: str | None = None
    """What the legs of one call share, if the PBX lists them one by one."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something written on a client's card at the PBX."""

    id: str
    text: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClientCard:
    """What the PBX's own address book says about a client."""

    id: str
    name: str | None = None
    company: str | None = None
    notes: tuple[Note, ...] = ()
    """Oldest first."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """What one side of a recorded call said before the other spoke again."""

    by_caller: bool
    """Whether it was the side that began the call."""
    text: str
    start: timedelta
    """From the start of the recording."""


@dataclass(frozen=True, slots=True)
class PbxStatistics:
    """What a PBX itself counted in a period and its list of calls does not tell; None where it does not say."""

    internal: int | None = None
    """Calls between employees."""
    internal_talk: timedelta | None = None
    transfers: int | None = None
    clients: int | None = None
    """Different ones who were talked to."""
    redials: int | None = None
    """Calls by those of them who had called before."""
    longest_talk: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What this vendor can do. Commands, buttons and menus follow it; the table in the docs is made from it."""

    webhook: bool = False
    polling: bool = False
    """It has to be asked for news."""
    who_is_calling: bool = False
    call_back: bool = False
    history: bool = False
    employees: bool = False
    employee_numbers: bool = False
    """Employees carry phone numbers, so that a person can be linked by their own."""
    roles: bool = False
    departments: bool = False
    switch_departments: bool = False
    staff_departments: bool = False
    """People can be added to departments and taken out."""
    our_numbers: bool = False
    switch_numbers: bool = False
    sim_cards: bool = False
    operator_lines: bool = False
    """It says whether the lines of other operators are up."""
    recording_exceptions: bool = False
    do_not_disturb: bool = False
    presence: bool = False
    active_calls: bool = False
    hang_up: bool = False
    blacklist: bool = False
    blacklist_comments: bool = False
    block_anonymous: bool = False
    ratings: bool = False
    recordings: bool = False
    transcripts: bool = False
    statistics: bool = False
    """It counts calls itself, and tells what its list of calls does not."""
    client_cards: bool = False
    """The PBX keeps contacts and notes of its own."""
    line_alerts: bool = False
    sources: bool = False
    """It tells where a client came from (UTM labels)."""
    responsibles: bool = False
    """The PBX itself sends a client's calls to a certain employee."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What a PBX answered when somebody tried whether it works."""

    employees: int
    asked: int = 0
    """Of how many of them it was asked whether they receive calls."""
    receiving: int | None = None
    """How many of those do: hardly anybody, and `dnd_state` is the wrong way round. None: the key may not see it."""
    tokens_until: datetime | None = None
    """How long its tokens are good unless they are exchanged."""


@dataclass(frozen=True, slots=True)
class Received:
    """A webhook body read and mapped: what happened, and the key by which a repetition is known."""

    key: str
    """The same for every repetition of the same news, different for different news."""
    event: Event
    extra: dict[str, str] = field(default_factory=dict)
    """Fields we have no name for, kept as they came."""
