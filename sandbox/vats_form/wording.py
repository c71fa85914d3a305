"""What the older manual's webhooks hold: the engine's bodies without the fields this API has no word for."""

from sandbox.vats_form.office import Office
from sandbox.vats_rest.office import Json

_PERSON = ("user", "ext", "telnum")
_CALL = ("cmd", "type", "callid", "phone", "diversion", "groupRealName", *_PERSON)
FIELDS = {
    "history": (*_CALL, "status", "start", "duration", "link"),
    "event": (*_CALL, "direction"),
    "contact": ("cmd", "phone", "callid"),
}
#: In no table of this manual. The engine puts them into a body only when a quirk asks for them.
EXTRAS = ("wait", "missedStatus")


def worded(office: Office, body: Json) -> Json:
    """`rating` and `webhook` are not among them: there is no such callback here."""
    known = (*FIELDS[str(body["cmd"])], *EXTRAS, *(("telnum_name",) if office.quirks.field_extras else ()))
    return {name: value for name, value in body.items() if name in known}
