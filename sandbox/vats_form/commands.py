"""The eight commands of the manual: what each wants, what it does and what it answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field

from sandbox.vats_form import history as rows
from sandbox.vats_form.calls import Calls
from sandbox.vats_form.office import Office
from sandbox.vats_rest import history as export
from sandbox.vats_rest.api.history import Stamp
from sandbox.vats_rest.api.makecall import PHONE
from sandbox.vats_rest.office import Employee, Json, NoSuch
from sandbox.vats_rest.wire import Query as Parameters

#: What came beside `cmd` and `token`.
Said = Mapping[str, str]


@dataclass(frozen=True)
class Pbx:
    office: Office
    calls: Calls
    now: Callable[[], datetime]


@dataclass(frozen=True)
class Command:
    """Raises ValidationError, NoSuch: both are "Invalid parameters"."""

    answer: Callable[[Pbx, Said], web.Response]
    #: May be sent as GET too.
    by_get: bool = False


class Nothing(Parameters):
    pass


class SomeUser(Parameters):
    user: str | None = None


class User(Parameters):
    user: str


class InGroup(User):
    group_id: str


class MakeCall(User):
    #: A leading + is refused, as on a running PBX.
    phone: Annotated[str, Field(pattern=f"^{PHONE.pattern}$")]


class History(Parameters):
    period: export.Period | None = None
    start: Stamp | None = None
    end: Stamp | None = None
    type: export.CallType = "all"
    limit: Annotated[int, Field(ge=1)] | None = None


class Subscribe(User):
    status: Literal["on", "off"]
    group_id: str | None = None


class SetDnd(User):
    state: Literal["true", "false"]


def accounts(pbx: Pbx, said: Said) -> web.Response:
    Nothing.model_validate(said)
    return web.json_response([_account(employee) for employee in pbx.office.employees.values()])


def _account(employee: Employee) -> Json:
    found: Json = {"name": employee.login, "realName": employee.name, "ext": employee.ext}
    return {**found, "telnum": employee.telnum} if employee.telnum else found


def groups(pbx: Pbx, said: Said) -> web.Response:
    """`ext` is a number here and a string in accounts."""
    office, user = pbx.office, SomeUser.model_validate(said).user
    found = office.departments.values() if user is None else office.departments_of(office.employee(user).login)
    return web.json_response([{"id": d.id, "realName": d.name, "ext": int(d.ext)} for d in found])


def make_call(pbx: Pbx, said: Said) -> web.Response:
    """Rings the employee (login, extension or direct number) first, then joins the client."""
    office, asked = pbx.office, MakeCall.model_validate(said)
    employee = office.responsible(asked.user)
    if employee is None:
        raise NoSuch(asked.user)
    callid = pbx.calls.make_call(asked.phone, [employee.login])
    told = office.new_callid() if office.quirks.another_callid else callid
    match office.quirks.made_call:
        case "bare":
            return web.Response(text=told)
        case "uuid":
            return web.json_response({"uuid": told})
        case "without id":
            return web.json_response({})


def history(pbx: Pbx, said: Said) -> web.Response:
    office, asked = pbx.office, History.model_validate(said)
    found = export.of_type(export.within(office, office.history, asked, pbx.now()), asked.type)
    return web.Response(text=rows.as_text(office, found[: asked.limit]), content_type="text/csv")


def subscribe_on_calls(pbx: Pbx, said: Said) -> web.Response:
    """Without `group_id` every department and the employee's own line."""
    office, asked = pbx.office, Subscribe.model_validate(said)
    employee, on = office.subscriber(asked.user), asked.status == "on"
    if asked.group_id is None:
        office.subscribe_everywhere(employee, on)
    else:
        office.subscribe(employee, asked.group_id, on)
    return web.Response()


def subscription_status(pbx: Pbx, said: Said) -> web.Response:
    office, asked = pbx.office, InGroup.model_validate(said)
    on = office.membership(office.subscriber(asked.user), asked.group_id).calls_enable
    return web.json_response({"status": "on" if on else "off"})


def set_dnd(pbx: Pbx, said: Said) -> web.Response:
    asked = SetDnd.model_validate(said)
    pbx.office.set_dnd(pbx.office.employee(asked.user), asked.state == "true")
    return web.Response()


def get_dnd(pbx: Pbx, said: Said) -> web.Response:
    employee = pbx.office.employee(User.model_validate(said).user)
    return web.json_response({"state": pbx.office.dnd(employee)})


#: As the manual's headings spell them. Its examples write two in lower case: `subscribtionstatus` is refused by
#: running systems, of `subscribeoncalls` nobody says so.
COMMANDS: Mapping[str, Command] = {
    "accounts": Command(accounts, by_get=True),
    "groups": Command(groups, by_get=True),
    "makeCall": Command(make_call),
    "history": Command(history, by_get=True),
    "subscribeOnCalls": Command(subscribe_on_calls),
    "subscribeoncalls": Command(subscribe_on_calls),
    "subscriptionStatus": Command(subscription_status, by_get=True),
    "set_dnd": Command(set_dnd),
    "get_dnd": Command(get_dnd, by_get=True),
}
