"""Section 5: ring an employee (or a department), then the client."""

import re
from typing import Protocol

from aiohttp import web

from sandbox.vats_rest.wire import Body, Route, body, invalid, office_of

PHONE = re.compile(r"\d{3,15}")


class StartsCalls(Protocol):
    """What the method needs of whoever plays the calls."""

    def make_call(self, phone: str, logins: list[str], *, group: str = "", clid: str = "") -> str: ...


CALLS = web.AppKey("calls", StartsCalls)


class MakeCall(Body):
    phone: str
    user: str | None = None
    group: str | None = None
    clid: str | None = None
    show_phone: bool = False


async def make_call(request: web.Request) -> web.Response:
    """`clid` comes back only when it may be used for outgoing calls."""
    office, wanted = office_of(request), await body(request, MakeCall)
    if not PHONE.fullmatch(wanted.phone):
        raise invalid("phone")
    if wanted.user:
        logins, group = [office.employee(wanted.user).login], ""
    elif wanted.group:
        department = office.department(wanted.group)
        logins, group = [e.login for e in office.rung_by(department)], department.id
    else:
        raise invalid("user or group")
    number = office.numbers.get(wanted.clid or "")
    clid = number.telnum if number and number.outgoing else ""
    callid = request.app[CALLS].make_call(wanted.phone, logins, group=group, clid=clid)
    return web.json_response({"callid": callid, "clid": clid} if clid else {"callid": callid})


ROUTES = (Route("POST", "/makecall", make_call),)
