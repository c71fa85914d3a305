"""What a call may come to: how a client's call ends, how a client takes ours. All times are seconds."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Transfer:
    """After `after` seconds of talk the call goes to `to`, who picks up after `ring` and talks `talk`.

    Blind, it becomes a call of its own with a `second_callid`; else it keeps its id.
    """

    to: str
    after: float = 10
    ring: float = 4
    talk: float = 30
    blind: bool = True
    answered: bool = True


@dataclass(frozen=True)
class NobodyAnswers:
    ring: float = 20


@dataclass(frozen=True)
class HangsUp:
    """The client gives up before anybody answers."""

    after: float = 6


@dataclass(frozen=True)
class Answered:
    by: str
    after: float = 5
    talk: float = 60
    transfer: Transfer | None = None
    destination: str = "user"


@dataclass(frozen=True)
class Voicemail:
    ring: float = 20
    message: float = 12


@dataclass(frozen=True)
class OutsideHours:
    """The client hears that we are closed; nobody's phone rings."""

    listens: float = 6


@dataclass(frozen=True)
class HangsUpInMenu:
    after: float = 8
    where: Literal["hello", "ivr", "am"] = "ivr"


Ending = NobodyAnswers | HangsUp | Answered | Voicemail | OutsideHours | HangsUpInMenu


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
    """The network says why: section 2.1's other statuses for outgoing calls."""

    status: Literal["NotAvailable", "NotAllowed", "NotFound", "Cancel"] = "NotAvailable"
    after: float = 3


Reception = ClientAnswers | ClientIsBusy | ClientSilent | ClientRefused


def outcome(reception: Reception) -> tuple[str, float, float]:
    """(status, seconds until it is known, seconds of talk). Unanswered, our own attempt is "Missed"."""
    match reception:
        case ClientAnswers(after, talk):
            return "Success", after, talk
        case ClientIsBusy(after):
            return "Busy", after, 0
        case ClientSilent(ring):
            return "Missed", ring, 0
        case ClientRefused(status, after):
            return status, after, 0


class CannotHappen(ValueError):
    """The story contradicts the company's state: somebody who receives no calls would have to answer."""
