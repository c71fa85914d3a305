"""Section 8: departments and who is in them."""

from dataclasses import asdict
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field

from sandbox.vats_rest.office import Department, Json, Member, Office, WhenNobodyAnswers
from sandbox.vats_rest.wire import Body, Paging, Route, body, invalid, no_content, office_of, page, query

SEARCHED = ("id", "name", "ext")
DEFAULT_CALL_DURATION = 15


class Person(Body):
    login: str
    calls_enable: bool


class Timeout(Body):
    time: Annotated[int, Field(ge=1, le=600)] = 120
    target: Literal["voicemail", "user", "group", "telnum", "msg_busy"] = "voicemail"
    user: str = ""
    group: str = ""
    telnum: str = ""


class Changes(Body):
    name: str | None = None
    ext: str | None = None
    call_order: Literal["ALL", "EVENLY", "BYORDER", "WATERFALL"] | None = None
    call_duration: Annotated[int, Field(ge=0, le=30)] | None = None
    timeout: Timeout | None = None
    advanced: Literal["off", "msg_busy", "callback"] | None = None
    users: list[Person] | None = None


class NewDepartment(Changes):
    name: str


class Staff(Body):
    add: list[str] = Field(default=[])
    calls_disable: list[str] = Field(default=[])
    remove: list[str] = Field(default=[])
    position: Annotated[int, Field(ge=-1)] = -1


def wire(office: Office, department: Department) -> Json:
    return {
        "id": department.id,
        "name": department.name,
        "ext": department.ext,
        "call_order": department.call_order,
        "call_duration": department.call_duration,
        "users": [_member(office, member) for member in department.members],
        "timeout": {name: value for name, value in asdict(department.timeout).items() if value},
        "advanced": department.advanced,
        "queue_position": department.queue_position,
    }


def _member(office: Office, member: Member) -> Json:
    employee = office.employees[member.login]
    return {
        "login": member.login,
        "name": employee.name,
        "calls_enable": member.calls_enable,
        "group_head": member.group_head,
        "is_absence_active": not employee.receives,
        "is_forwarding_disabled": not employee.online and not employee.mobile_redirect.enabled,
    }


def named(request: web.Request) -> Department:
    return office_of(request).department(request.match_info["group"])


async def every(request: web.Request) -> web.Response:
    office = office_of(request)
    rows = (wire(office, department) for department in office.departments.values())
    return page(request, rows, SEARCHED, query(request, Paging))


async def one(request: web.Request) -> web.Response:
    return web.json_response(wire(office_of(request), named(request)))


async def add(request: web.Request) -> web.Response:
    office, new = office_of(request), await body(request, NewDepartment)
    ext = office.claim_ext(new.ext) if new.ext else office.free_ext()
    department = Department(f"g_{office.new_id()}", new.name, ext)
    _change(office, department, new.model_copy(update={"ext": None}))
    office.departments[department.id] = department
    return web.json_response(wire(office, department))


async def edit(request: web.Request) -> web.Response:
    department = named(request)
    _change(office_of(request), department, await body(request, Changes))
    return web.json_response(wire(office_of(request), department))


def _change(office: Office, department: Department, changes: Changes) -> None:
    timeout = _timeout(office, changes.timeout) if changes.timeout else department.timeout
    members = _members(office, department, changes.users)
    if changes.ext and changes.ext != department.ext:
        department.ext = office.claim_ext(changes.ext)
    department.name = changes.name or department.name
    department.call_order = changes.call_order or department.call_order
    department.advanced = changes.advanced or department.advanced
    department.timeout, department.members = timeout, members
    seconds = changes.call_duration or department.call_duration or DEFAULT_CALL_DURATION
    department.call_duration = 0 if department.call_order == "ALL" else seconds


def _timeout(office: Office, wanted: Timeout) -> WhenNobodyAnswers:
    """A target that is a person, a department or a number must be named in the field of that name."""
    if wanted.target == "user":
        office.employee(wanted.user)
    if wanted.target == "group":
        office.department(wanted.group)
    if wanted.target == "telnum" and not wanted.telnum:
        raise invalid("timeout.telnum")
    return WhenNobodyAnswers(**wanted.model_dump())


def _members(office: Office, department: Department, people: list[Person] | None) -> list[Member]:
    if people is None:
        return department.members
    heads = {member.login for member in department.members if member.group_head}
    logins = [office.employee(person.login).login for person in people]
    return [Member(login, p.calls_enable, login in heads) for login, p in zip(logins, people, strict=True)]


async def remove(request: web.Request) -> web.Response:
    office, department = office_of(request), named(request)
    del office.departments[department.id]
    office.caller_ids.groups.pop(department.id, None)
    office.restrictions.groups.pop(department.id, None)
    office.voicemail_groups[:] = [name for name in office.voicemail_groups if name != department.id]
    return no_content()


async def staff(request: web.Request) -> web.Response:
    """Section 8.6: first `add`, calls on; then `calls_disable`; then `remove`."""
    office, department, wanted = office_of(request), named(request), await body(request, Staff)
    added, disabled, removed = (
        [office.employee(name).login for name in names] for names in (wanted.add, wanted.calls_disable, wanted.remove)
    )
    stay = [member for member in department.members if member.login not in added]
    at = len(stay) if wanted.position == -1 else wanted.position
    heads = {member.login for member in department.members if member.group_head}
    stay[at:at] = [Member(login, group_head=login in heads) for login in added]
    for member in stay:
        member.calls_enable = member.calls_enable and member.login not in disabled
    department.members = [member for member in stay if member.login not in removed]
    return no_content()


ROUTES = (
    Route("GET", "/groups", every),
    Route("POST", "/groups", add, "groups.create"),
    Route("GET", "/groups/{group}", one),
    Route("PUT", "/groups/{group}", edit, "groups.edit"),
    Route("DELETE", "/groups/{group}", remove, "groups.delete"),
    Route("POST", "/groups/{group}/users", staff, "groups.edit"),
)
