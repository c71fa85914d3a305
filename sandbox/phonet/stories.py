"""What a call may come to: how a client's call ends, how a client takes ours. All times are seconds."""

from dataclasses import dataclass

ANSWERED, NO_ANSWER, CONGESTED, DIAL_ERROR, BUSY = range(5)


@dataclass(frozen=True)
class Transfer:
    """After `after` seconds of talk the call goes to the employee `to`, who picks up after `ring`."""

    to: str
    after: float = 10
    ring: float = 4
    talk: float = 30


@dataclass(frozen=True)
class NobodyAnswers:
    ring: float = 20


@dataclass(frozen=True)
class HangsUp:
    """The client gives up before anybody answers."""

    after: float = 6


@dataclass(frozen=True)
class HangsUpInMenu:
    """The client hears the voice menu and no more."""

    after: float = 8


@dataclass(frozen=True)
class Answered:
    #: Extension or e-mail.
    by: str
    after: float = 5
    talk: float = 60
    transfer: Transfer | None = None


Ending = NobodyAnswers | HangsUp | HangsUpInMenu | Answered


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
class Congested:
    """Every line of ours is tried in vain."""

    after: float = 6


@dataclass(frozen=True)
class DialError:
    after: float = 1


@dataclass(frozen=True)
class EmployeeSilent:
    """`makeCall` rings the employee, who does not pick up: the client hears nothing of it."""

    ring: float = 30


Reception = ClientAnswers | ClientIsBusy | ClientSilent | Congested | DialError | EmployeeSilent


def outcome(reception: Reception) -> tuple[int, float, float]:
    """(disposition, seconds until it is known, seconds of talk)."""
    match reception:
        case ClientAnswers(after, talk):
            return ANSWERED, after, talk
        case ClientIsBusy(after):
            return BUSY, after, 0
        case ClientSilent(ring) | EmployeeSilent(ring):
            return NO_ANSWER, ring, 0
        case Congested(after):
            return CONGESTED, after, 0
        case DialError(after):
            return DIAL_ERROR, after, 0


class CannotHappen(ValueError):
    """The story contradicts the company's state: somebody who cannot be rung would have to answer."""
