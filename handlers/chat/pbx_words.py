"""What went wrong with a PBX, in words: what it means for the person and what to do about it."""

from collections.abc import Callable

from handlers.chat.texts import Html, Texts
from pbx.errors import AuthFailed, BadPayload, PbxError, RateLimited, Rejected, Unavailable, Unsupported
from pbx.phone_system import PhoneSystem


def trouble(error: PbxError, say: Texts, pbx: PhoneSystem) -> Html:
    """One or two sentences about `error`; never its technical message."""
    return next((words(error, say, pbx) for kind, words in _WORDS.items() if isinstance(error, kind)), None) or say(
        "PBX {pbx} did not do it. Try again; if it goes on, tell an administrator.", pbx=pbx.id
    )


def lacks(what: str, say: Texts, pbx: PhoneSystem) -> Html:
    """What this vendor can't do; `what` as `Incapable` names it."""
    known = {
        "list of employees": lambda: say("PBX {pbx} can't list its employees.", pbx=pbx.id),
        "list of departments": lambda: say("PBX {pbx} can't list its departments.", pbx=pbx.id),
        "list of numbers": lambda: say("PBX {pbx} can't list its numbers.", pbx=pbx.id),
        "way to start a call": lambda: say("PBX {pbx} can't start calls for us. Dial from your phone.", pbx=pbx.id),
        "history export": lambda: say("PBX {pbx} gives out no call history.", pbx=pbx.id),
        "look-up of one call": lambda: say("PBX {pbx} can't be asked about one call.", pbx=pbx.id),
        "list of active calls": lambda: say("PBX {pbx} doesn't show the calls going on.", pbx=pbx.id),
        "way to end a call": lambda: say("PBX {pbx} can't end a call for us. Hang up on the phone.", pbx=pbx.id),
        "address book": lambda: say("PBX {pbx} has no address book. /contact keeps names here.", pbx=pbx.id),
        "responsible employees": lambda: say(
            "PBX {pbx} keeps no responsible employees. /contact keeps them here.", pbx=pbx.id
        ),
        "recordings": lambda: say("PBX {pbx} gives out no recordings.", pbx=pbx.id),
        "transcripts": lambda: say("PBX {pbx} writes no transcripts.", pbx=pbx.id),
        "do-not-disturb": lambda: say(
            "PBX {pbx} has no do-not-disturb that we could switch. Use the settings of your phone.", pbx=pbx.id
        ),
        "switch for the calls of a department": lambda: say(
            "PBX {pbx} can't switch the calls of a department. Use the PBX's cabinet.", pbx=pbx.id
        ),
        "way to staff departments": lambda: say(
            "PBX {pbx} lets us add nobody to departments. Use the PBX's cabinet.", pbx=pbx.id
        ),
        "list of SIM cards": lambda: say("PBX {pbx} can't list its SIM cards.", pbx=pbx.id),
        "list of operator lines": lambda: say("PBX {pbx} can't list its operator lines.", pbx=pbx.id),
        "choice of whose calls are recorded": lambda: say(
            "PBX {pbx} doesn't let us choose whose calls are recorded. Use the PBX's cabinet.", pbx=pbx.id
        ),
        "switch for a number": lambda: say(
            "PBX {pbx} can't switch a number on or off. Use the PBX's cabinet.", pbx=pbx.id
        ),
        "blacklist": lambda: say("PBX {pbx} has no blacklist.", pbx=pbx.id),
        "switch for anonymous calls": lambda: say(
            "PBX {pbx} can't refuse calls with a hidden number as a whole.", pbx=pbx.id
        ),
    }
    return known.get(what, lambda: say("PBX {pbx} can't do this.", pbx=pbx.id))()


def _unavailable(error: PbxError, say: Texts, pbx: PhoneSystem) -> Html:
    return say("PBX {pbx} does not answer. Try again in a minute.", pbx=pbx.id)


def _rate_limited(error: PbxError, say: Texts, pbx: PhoneSystem) -> Html:
    assert isinstance(error, RateLimited)
    return say(
        "PBX {pbx} is asked too often just now. Try again in {span}.",
        pbx=pbx.id,
        span=say.duration(error.retry_after),
    )


def _rejected(error: PbxError, say: Texts, pbx: PhoneSystem) -> Html:
    assert isinstance(error, Rejected)
    if error.reason:
        return say("PBX {pbx} refused: {reason}. Check what you sent and try again.", pbx=pbx.id, reason=error.reason)
    return say("PBX {pbx} refused and gave no reason. Check what you sent and try again.", pbx=pbx.id)


def _auth_failed(error: PbxError, say: Texts, pbx: PhoneSystem) -> Html:
    assert isinstance(error, AuthFailed)
    if error.missing_right:
        return say(
            "The key of PBX {pbx} lacks a right. An administrator must allow it in the PBX's cabinet: “{right}”.",
            pbx=pbx.id,
            right=error.missing_right,
        )
    return say("PBX {pbx} refuses our key. An administrator must put a valid one into the configuration.", pbx=pbx.id)


def _unsupported(error: PbxError, say: Texts, pbx: PhoneSystem) -> Html:
    _, _, what = str(error).partition(" has no ")
    return lacks(what, say, pbx)


def _bad_payload(error: PbxError, say: Texts, pbx: PhoneSystem) -> Html:
    return say("PBX {pbx} gave an answer I can't read. If it goes on, tell an administrator.", pbx=pbx.id)


_WORDS: dict[type[PbxError], Callable[[PbxError, Texts, PhoneSystem], Html]] = {
    Unavailable: _unavailable,
    RateLimited: _rate_limited,
    Rejected: _rejected,
    AuthFailed: _auth_failed,
    Unsupported: _unsupported,
    BadPayload: _bad_payload,
}
