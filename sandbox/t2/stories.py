"""What a call may come to: how a client's call ends, how a client takes ours. All times are seconds."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class NobodyAnswers:
    ring: float = 20


@dataclass(frozen=True)
class HangsUp:
    """The client gives up before anybody answers."""

    after: float = 6


@dataclass(frozen=True)
class Answered:
    """`by` is an employee's short or full number, e-mail or id; on somebody else's own number, it was forwarded."""

    by: str
    after: float = 5
    talk: float = 60


@dataclass(frozen=True)
class LineIsBusy:
    """The employee is talking already: an own number has no queue."""

    after: float = 1


@dataclass(frozen=True)
class OutsideHours:
    """The client hears that we are closed; nobody's phone rings."""

    listens: float = 6


Ending = NobodyAnswers | HangsUp | Answered | LineIsBusy | OutsideHours


@dataclass(frozen=True)
class ClientAnswers:
    after: float = 5
    talk: float = 45


@dataclass(frozen=True)
class ClientIsBusy:
    after: float = 2


@dataclass(frozen=True)
class ClientSilent:
    """The client's phone rings and nobody takes it."""

    ring: float = 30


@dataclass(frozen=True)
class ClientRefused:
    """The network or the company's own rules say why."""

    status: Literal[
        "DENIED_DUE_TO_UNKNOWN_NUMBER",
        "DENIED_DUE_TO_OUTGOING_CALLS_BLOCKED",
        "DENIED_DUE_TO_ONLY_INTERNAL_CALLS_ENABLED",
        "DENIED_DUE_TO_MAX_SESSION",
    ] = "DENIED_DUE_TO_UNKNOWN_NUMBER"
    after: float = 3


Reception = ClientAnswers | ClientIsBusy | ClientSilent | ClientRefused


@dataclass(frozen=True)
class Outcome:
    status: str
    wait: float
    #: None: nobody talked.
    talk: float | None = None


def reception_outcome(reception: Reception) -> Outcome:
    match reception:
        case ClientAnswers(after, talk):
            return Outcome("ANSWERED_COMMON", after, talk)
        case ClientIsBusy(after):
            return Outcome("DESTINATION_BUSY", after)
        case ClientSilent(ring):
            return Outcome("NOT_ANSWERED_COMMON", ring)
        case ClientRefused(status, after):
            return Outcome(status, after)


def ending_outcome(ending: Ending, *, queued: bool, forwarded: bool) -> Outcome:
    match ending:
        case NobodyAnswers(ring):
            return Outcome("NOT_ANSWERED_COMMON", ring)
        case HangsUp(after):
            return Outcome("CANCELLED_BY_CALLER", after)
        case LineIsBusy(after):
            return Outcome("DESTINATION_BUSY", after)
        case OutsideHours(listens):
            return Outcome("DENIED_DUE_TO_NOT_WORK_TIME", listens)
        case Answered(_, after, talk):
            if queued:
                return Outcome("ANSWERED_COMMON", after, talk)
            by = "NO_ANSWER_FORWARD" if forwarded else "ORIGINAL"
            return Outcome(f"ANSWERED_BY_{by}_CLIENT", after, talk)


class CannotHappen(ValueError):
    """The story contradicts the company's state: somebody whom the call never rings would have to answer."""
