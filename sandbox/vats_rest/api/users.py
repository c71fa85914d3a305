"""Section 6: employees, their departments, whether calls reach them."""

from dataclasses import asdict
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field

from sandbox.vats_rest.office import Employee, Json, MobileRedirect, Office, Taken
from sandbox.vats_rest.wire import (
    Body,
    Paging,
    Query,
    Route,
    body,
    invalid,
    no_content,
    office_of,
    page,
    query,
)

ROLES = ("admin", "group_head", "user", "restricted_user")
SEARCHED = ("login", "name", "position", "ext", "telnum", "email", "mobile")


class Redirect(Body):
    enabled: bool
    delay: Annotated[int, Field(ge=0, le=15)] = 0
    forward: bool = False


class Changes(Body):
    name: str | None = None
    password: str | None = None
    position: str | None = None
    email: str | None = None
    ext: str | None = None
    role: str | None = None
    mobile: str | None = None
    mobile_redirect: Redirect | None = None


class NewEmployee(Changes):
    login: str | None = None
    name: str


class With(Query):
    with_: Annotated[Literal["status"] | None, Field(alias="with")] = None


class Listed(Paging, With):
    pass


class InGroup(Query):
    group_id: str | None = None


def wire(employee: Employee, *, status: bool) -> Json:
    found: Json = {
        "login": employee.login,
        "name": employee.name,
        "position": employee.position,
        "ext": employee.ext,
        "telnum": employee.telnum,
        "email": employee.email,
        "role": employee.role,
        "mobile": employee.mobile,
        "mobile_redirect": _redirect(employee.mobile_redirect),
    }
    if status:
        found["status"] = "online" if employee.online else "offline"
    return found


def _redirect(redirect: MobileRedirect) -> Json:
    """Switched off it is `{"enabled": false}` and nothing else, as in the example."""
    return asdict(redirect) if redirect.enabled else {"enabled": False}


def named(request: web.Request) -> Employee:
    return office_of(request).employee(request.match_info["login"])


async def everybody(request: web.Request) -> web.Response:
    asked = query(request, Listed)
    rows = (wire(e, status=bool(asked.with_)) for e in office_of(request).employees.values())
    return page(request, rows, SEARCHED, asked)


async def one(request: web.Request) -> web.Response:
    return web.json_response(wire(named(request), status=bool(query(request, With).with_)))


async def add(request: web.Request) -> web.Response:
    office, new = office_of(request), await body(request, NewEmployee)
    ext = office.claim_ext(new.ext) if new.ext else office.free_ext()
    login = new.login or f"u{ext}"
    if login in office.employees:
        raise Taken(f"login {login} is in use")
    employee = Employee(login, new.name, ext, online=False)
    _change(office, employee, new.model_copy(update={"ext": None}))
    office.employees[login] = employee
    return web.json_response(wire(employee, status=False))


async def edit(request: web.Request) -> web.Response:
    employee = named(request)
    _change(office_of(request), employee, await body(request, Changes))
    return web.json_response(wire(employee, status=False))


def _change(office: Office, employee: Employee, changes: Changes) -> None:
    """Only what was sent changes. Everything is checked before anything is."""
    roles = (*ROLES, *(role.id for role in office.custom_roles))
    if changes.role is not None and changes.role not in roles:
        raise invalid("role")
    redirect = changes.mobile_redirect
    if redirect and redirect.enabled and not (changes.mobile or employee.mobile):
        raise invalid("mobile_redirect needs mobile")
    if changes.ext and changes.ext != employee.ext:
        employee.ext = office.claim_ext(changes.ext)
    for name in ("name", "password", "position", "email", "role", "mobile"):
        value = getattr(changes, name)
        if value is not None:
            setattr(employee, name, value)
    if redirect:
        employee.mobile_redirect = MobileRedirect(**redirect.model_dump())


async def remove(request: web.Request) -> web.Response:
    office_of(request).remove_employee(named(request))
    return no_content()


async def departments(request: web.Request) -> web.Response:
    mine = office_of(request).departments_of(named(request).login)
    return web.json_response([{"id": d.id, "name": d.name, "ext": d.ext} for d in mine])


async def subscription(request: web.Request) -> web.Response:
    """`group_id` is not marked as required, yet without one there is nothing to answer."""
    group = query(request, InGroup).group_id
    if group is None:
        raise invalid("group_id")
    member = office_of(request).department(group).member(named(request).login)
    if member is None:
        raise invalid("not in the department")
    return web.json_response({"state": member.calls_enable})


async def subscribe(request: web.Request) -> web.Response:
    """With a department there only, without one in every department."""
    office, login, group = office_of(request), named(request).login, query(request, InGroup).group_id
    chosen = [office.department(group)] if group is not None else office.departments_of(login)
    members = [department.member(login) for department in chosen]
    if None in members:
        raise invalid("not in the department")
    for member in members:
        if member is not None:
            member.calls_enable = request.method == "POST"
    return no_content()


async def dnd(request: web.Request) -> web.Response:
    return web.json_response({"state": office_of(request).dnd(named(request))})


async def set_dnd(request: web.Request) -> web.Response:
    office_of(request).set_dnd(named(request), request.method == "POST")
    return no_content()


ROUTES = (
    Route("GET", "/users", everybody),
    Route("POST", "/users", add, "users.create"),
    Route("GET", "/users/{login}", one),
    Route("PUT", "/users/{login}", edit, "users.edit"),
    Route("DELETE", "/users/{login}", remove, "users.delete"),
    Route("GET", "/users/{login}/groups", departments),
    Route("GET", "/users/{login}/subscription", subscription),
    Route("POST", "/users/{login}/subscription", subscribe),
    Route("DELETE", "/users/{login}/subscription", subscribe),
    Route("GET", "/users/{login}/dnd", dnd),
    Route("POST", "/users/{login}/dnd", set_dnd),
    Route("DELETE", "/users/{login}/dnd", set_dnd),
)
