"""Sections 13 and 14: which of our numbers a client sees, and where employees may call."""

from typing import Literal

from aiohttp import web

from sandbox.vats_rest.lines import DIRECTIONS, REGIONS
from sandbox.vats_rest.office import NoSuch
from sandbox.vats_rest.wire import (
    Body,
    Query,
    Route,
    body,
    body_list,
    invalid,
    no_content,
    office_of,
    query,
)

Mode = Literal["all", "mobile", "fixed"]


class Main(Body):
    telnum: str


class ForUser(Body):
    telnum: str
    login: str


class ForGroup(Body):
    telnum: str
    id: str


class ForRegion(Body):
    telnum: str
    id: str
    mode: Mode = "all"


class InMode(Query):
    mode: Mode = "all"


class Allowed(Body):
    allowed: list[str]


class UserAllowed(Allowed):
    login: str


class GroupAllowed(Allowed):
    """The table of 14.4 says `id`, its example `login`: either will do, one must be there."""

    id: str = ""
    login: str = ""


class Dropped(Query):
    allowed: list[str]


async def caller_ids(request: web.Request) -> web.Response:
    office = office_of(request)
    ids = office.caller_ids
    return web.json_response(
        {
            "main": ids.main,
            "users": [
                {"login": login, "name": office.employees[login].name, "telnum": telnum}
                for login, telnum in ids.users.items()
            ],
            "groups": [
                {"id": id_, "name": office.departments[id_].name, "telnum": telnum}
                for id_, telnum in ids.groups.items()
            ],
            "regions": [
                {"id": id_, "name": REGIONS[id_], "telnum": telnum, "mode": mode}
                for (id_, mode), telnum in ids.regions.items()
            ],
        }
    )


async def telnums(request: web.Request) -> web.Response:
    numbers = office_of(request).numbers.values()
    return web.json_response([{"telnum": n.telnum, "enabled": n.outgoing} for n in numbers])


def _usable(request: web.Request, telnum: str) -> str:
    number = office_of(request).number(telnum)
    if not number.outgoing:
        raise invalid("telnum is not for outgoing calls")
    return number.telnum


async def set_main(request: web.Request) -> web.Response:
    office, wanted = office_of(request), await body(request, Main)
    office.caller_ids.main = _usable(request, wanted.telnum)
    return no_content()


async def set_user(request: web.Request) -> web.Response:
    office, wanted = office_of(request), await body(request, ForUser)
    office.caller_ids.users[office.employee(wanted.login).login] = _usable(request, wanted.telnum)
    return no_content()


async def drop_user(request: web.Request) -> web.Response:
    office = office_of(request)
    office.caller_ids.users.pop(office.employee(request.match_info["user"]).login, None)
    return no_content()


async def set_group(request: web.Request) -> web.Response:
    office, wanted = office_of(request), await body(request, ForGroup)
    office.caller_ids.groups[office.department(wanted.id).id] = _usable(request, wanted.telnum)
    return no_content()


async def drop_group(request: web.Request) -> web.Response:
    office = office_of(request)
    office.caller_ids.groups.pop(office.department(request.match_info["id"]).id, None)
    return no_content()


async def set_region(request: web.Request) -> web.Response:
    wanted = await body(request, ForRegion)
    if wanted.id not in REGIONS:
        raise NoSuch(f"no region {wanted.id!r}")
    office_of(request).caller_ids.regions[wanted.id, wanted.mode] = _usable(request, wanted.telnum)
    return no_content()


async def drop_region(request: web.Request) -> web.Response:
    key = (request.match_info["id"], query(request, InMode).mode)
    if office_of(request).caller_ids.regions.pop(key, None) is None:
        raise NoSuch(f"no number for region {key}")
    return no_content()


async def regions(request: web.Request) -> web.Response:
    return web.json_response([{"id": id_, "name": name} for id_, name in REGIONS.items()])


async def restrictions(request: web.Request) -> web.Response:
    office = office_of(request)
    rules = office.restrictions
    return web.json_response(
        {
            "main": rules.main,
            "users": [
                {"login": login, "name": office.employees[login].name, "allowed": allowed}
                for login, allowed in rules.users.items()
            ],
            "groups": [
                {"id": id_, "name": office.departments[id_].name, "allowed": allowed}
                for id_, allowed in rules.groups.items()
            ],
        }
    )


def _extend(known: list[str], allowed: list[str]) -> None:
    known += [direction for direction in dict.fromkeys(allowed) if direction not in known]


def _check(allowed: list[str]) -> list[str]:
    if not set(allowed) <= set(DIRECTIONS):
        raise invalid("allowed")
    return allowed


async def allow_all(request: web.Request) -> web.Response:
    wanted = await body(request, Allowed)
    _extend(office_of(request).restrictions.main, _check(wanted.allowed))
    return no_content()


async def allow_users(request: web.Request) -> web.Response:
    office = office_of(request)
    rules = [(office.employee(r.login).login, _check(r.allowed)) for r in await body_list(request, UserAllowed)]
    for login, allowed in rules:
        _extend(office.restrictions.users.setdefault(login, []), allowed)
    return no_content()


async def allow_groups(request: web.Request) -> web.Response:
    office, wanted = office_of(request), await body_list(request, GroupAllowed)
    rules = [(office.department(rule.id or rule.login).id, _check(rule.allowed)) for rule in wanted]
    for id_, allowed in rules:
        _extend(office.restrictions.groups.setdefault(id_, []), allowed)
    return no_content()


def _shrink(request: web.Request, known: list[str]) -> None:
    dropped = _check(query(request, Dropped).allowed)
    known[:] = [direction for direction in known if direction not in dropped]


async def forbid_all(request: web.Request) -> web.Response:
    _shrink(request, office_of(request).restrictions.main)
    return no_content()


async def forbid_user(request: web.Request) -> web.Response:
    """The last direction gone, the personal rule is gone too."""
    office = office_of(request)
    login = office.employee(request.match_info["login"]).login
    _shrink(request, office.restrictions.users.setdefault(login, []))
    if not office.restrictions.users[login]:
        del office.restrictions.users[login]
    return no_content()


async def forbid_group(request: web.Request) -> web.Response:
    office = office_of(request)
    id_ = office.department(request.match_info["id"]).id
    _shrink(request, office.restrictions.groups.setdefault(id_, []))
    if not office.restrictions.groups[id_]:
        del office.restrictions.groups[id_]
    return no_content()


ROUTES = (
    Route("GET", "/caller-ids", caller_ids, "caller_ids.get"),
    Route("GET", "/caller-ids/telnums", telnums),
    Route("POST", "/caller-ids/main", set_main, "caller_ids.edit"),
    Route("POST", "/caller-ids/users", set_user, "caller_ids.edit"),
    Route("DELETE", "/caller-ids/users/{user}", drop_user, "caller_ids.delete"),
    Route("POST", "/caller-ids/groups", set_group, "caller_ids.edit"),
    Route("DELETE", "/caller-ids/groups/{id}", drop_group, "caller_ids.delete"),
    Route("POST", "/caller-ids/regions", set_region, "caller_ids.edit"),
    Route("DELETE", "/caller-ids/regions/{id}", drop_region, "caller_ids.delete"),
    Route("GET", "/caller-ids/regions", regions),
    Route("GET", "/calls-restrictions", restrictions, "restrictions.get"),
    Route("POST", "/calls-restrictions/main", allow_all, "restrictions.edit"),
    Route("DELETE", "/calls-restrictions/main", forbid_all, "restrictions.delete"),
    Route("POST", "/calls-restrictions/users", allow_users, "restrictions.edit"),
    Route("DELETE", "/calls-restrictions/users/{login}", forbid_user, "restrictions.delete"),
    Route("POST", "/calls-restrictions/groups", allow_groups, "restrictions.edit"),
    Route("DELETE", "/calls-restrictions/groups/{id}", forbid_group, "restrictions.delete"),
)
