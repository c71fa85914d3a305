"""Section 9: our numbers, where their calls go, and the hours they go there."""

from datetime import datetime
from typing import Literal

from aiohttp import web

from sandbox.vats_rest.office import WEEKDAYS, Json, NoSuch, Office, OurNumber
from sandbox.vats_rest.wire import Body, Paging, Route, body, invalid, no_content, office_of, page, query

SEARCHED = ("telnum", "name", "user", "user_name", "group", "group_name")
DAY_SECONDS = 24 * 3600


class Hours(Body):
    start: int
    end: int


class NewRoute(Body):
    type: Literal["user", "group", "ivr", "scheduler", "fax"]
    greeting: bool
    name: str | None = None
    user: str | None = None
    group: str | None = None
    ivr: Json | None = None
    work: Json | None = None
    other: Json | None = None
    custom_routes: list[Json] | None = None
    schedule: dict[str, Hours] | None = None
    greeting_file: str | None = None


class Interval(Body):
    route_id: str | None = None
    route_name: str | None = None
    days: list[str]
    start: int
    end: int


class SpecialDay(Body):
    route_id: str | None = None
    route_name: str | None = None
    start: str | None = None
    end: str | None = None
    calendar_predefined: bool = False


def wire(office: Office, number: OurNumber) -> Json:
    found: Json = {
        "type": number.type,
        "telnum": number.telnum,
        "name": number.name,
        "greeting": number.greeting,
        "is_main_phone": number.is_main_phone,
        "location": number.location,
        "disabled": not number.enabled,
        "crm": number.crm,
        "calltracking": "",
        "route_group_id": "",
        "route_group_name": "",
    }
    if number.type == "user" and number.user in office.employees:
        found |= {"user": number.user, "user_name": office.employees[number.user].name}
    if number.type == "group" and number.group in office.departments:
        found |= {"group": number.group, "group_name": office.departments[number.group].name}
    if number.type == "ivr":
        found["ivr"] = number.ivr
    if number.type == "scheduler":
        found |= {
            "work": _named_part(office, number.work),
            "other": _named_part(office, number.other),
            "schedule": _week(number.schedule or {}),
            "custom_routes": number.custom_routes,
        }
    if number.greeting_file is not None:
        found |= {"greeting_custom": True, "greeting_file": number.greeting_file}
    return found


def _named_part(office: Office, part: Json | None) -> Json | None:
    """Section 9.6: beside who gets the calls stands the name."""
    if part is None:
        return None
    user = office.employees.get(str(part.get("user")))
    group = office.departments.get(str(part.get("group")))
    names = {"user_name": user.name if user else "", "group_name": group.name if group else ""}
    return part | {name: value for name, value in names.items() if value}


def _week(hours: dict[str, Json]) -> Json:
    """Read back, every day is there; a day that was not sent is a day off."""
    return {
        day: {**hours[day], "holiday": False} if day in hours else {"start": 0, "end": 0, "holiday": True}
        for day in WEEKDAYS
    }


def named(request: web.Request) -> OurNumber:
    return office_of(request).number(request.match_info["telnum"])


async def every(request: web.Request) -> web.Response:
    office = office_of(request)
    rows = (wire(office, number) for number in office.numbers.values())
    return page(request, rows, SEARCHED, query(request, Paging))


async def one(request: web.Request) -> web.Response:
    return web.json_response(wire(office_of(request), named(request)))


async def route(request: web.Request) -> web.Response:
    office, number, new = office_of(request), named(request), await body(request, NewRoute)
    if not set(new.schedule or {}) <= set(WEEKDAYS):
        raise invalid("schedule")
    if new.type == "user":
        number.user = office.employee(new.user or "").login
    if new.type == "group":
        number.group = office.department(new.group or "").id
    if new.type == "ivr" and new.ivr is None:
        raise invalid("ivr")
    if new.type == "scheduler" and (new.work is None or new.schedule is None):
        raise invalid("work and schedule")
    number.type, number.greeting = new.type, new.greeting
    number.name = number.name if new.name is None else new.name
    number.ivr, number.work, number.other = new.ivr, new.work, new.other
    number.greeting_file = new.greeting_file
    number.custom_routes = number.custom_routes if new.custom_routes is None else new.custom_routes
    if new.schedule is not None:
        number.schedule = {day: _minutes(hours) for day, hours in new.schedule.items()}
    return web.json_response(wire(office, number))


def _minutes(hours: Hours) -> Json:
    """Working time is rounded to minutes."""
    return {"start": hours.start // 60 * 60, "end": hours.end // 60 * 60}


async def enabled(request: web.Request) -> web.Response:
    named(request).enabled = request.method == "POST"
    return no_content()


def _custom_route(office: Office, number: OurNumber, wanted: Interval | SpecialDay) -> Json:
    """An existing route by `route_id`, or a new one by `route_name`: one of the two must be there."""
    if wanted.route_id is not None:
        for custom in number.custom_routes:
            if custom["id"] == wanted.route_id:
                return custom
        raise NoSuch(f"no route {wanted.route_id!r}")
    if not wanted.route_name:
        raise invalid("route_id or route_name")
    custom = {
        "id": office.new_id(),
        "name": wanted.route_name,
        "interval_schedule": [],
        "calendar_schedule": [],
    }
    number.custom_routes.append(custom)
    return custom


def _entries(custom: Json, kind: str) -> list[Json]:
    found = custom.setdefault(kind, [])
    assert isinstance(found, list)
    return found


def _interval(wanted: Interval) -> Json:
    if not wanted.days or not set(wanted.days) <= set(WEEKDAYS):
        raise invalid("days")
    if not 0 <= wanted.start < wanted.end <= DAY_SECONDS:
        raise invalid("start and end")
    return {"days": wanted.days, "start": wanted.start, "end": wanted.end}


def _special_day(wanted: SpecialDay) -> Json:
    """`start` and `end` may be missing only with the production calendar."""
    if wanted.calendar_predefined:
        return {"start": wanted.start, "end": wanted.end, "calendar_predefined": True}
    try:
        first, last = (datetime.fromisoformat(day or "") for day in (wanted.start, wanted.end))
    except ValueError:
        raise invalid("start and end") from None
    if first > last:
        raise invalid("start is after end")
    return {"start": wanted.start, "end": wanted.end, "calendar_predefined": False}


def _remove(number: OurNumber, kind: str, id_: str) -> None:
    for custom in number.custom_routes:
        entries = _entries(custom, kind)
        if any(entry["id"] == id_ for entry in entries):
            entries[:] = [entry for entry in entries if entry["id"] != id_]
            return
    raise NoSuch(f"no schedule {id_!r}")


def _put(request: web.Request, kind: str, wanted: Interval | SpecialDay, entry: Json) -> web.Response:
    office, number = office_of(request), named(request)
    id_ = request.match_info.get("id")
    if id_ is not None:
        _remove(number, kind, id_)
    custom = _custom_route(office, number, wanted)
    _entries(custom, kind).append({"id": id_ or office.new_id(), **entry})
    return web.json_response(custom)


async def put_interval(request: web.Request) -> web.Response:
    wanted = await body(request, Interval)
    return _put(request, "interval_schedule", wanted, _interval(wanted))


async def put_special_day(request: web.Request) -> web.Response:
    wanted = await body(request, SpecialDay)
    return _put(request, "calendar_schedule", wanted, _special_day(wanted))


async def remove_interval(request: web.Request) -> web.Response:
    _remove(named(request), "interval_schedule", request.match_info["id"])
    return no_content()


async def remove_special_day(request: web.Request) -> web.Response:
    _remove(named(request), "calendar_schedule", request.match_info["id"])
    return no_content()


ROUTES = (
    Route("GET", "/telnums", every, "telnums.get"),
    Route("GET", "/telnums/{telnum}", one, "telnums.get"),
    Route("POST", "/telnums/{telnum}", route, "telnums.edit"),
    Route("POST", "/telnums/{telnum}/enabled", enabled, "telnums.edit"),
    Route("DELETE", "/telnums/{telnum}/enabled", enabled, "telnums.edit"),
    Route("POST", "/telnums/{telnum}/interval-schedule", put_interval, "telnums.edit"),
    Route("PUT", "/telnums/{telnum}/interval-schedule/{id}", put_interval, "telnums.edit"),
    Route("DELETE", "/telnums/{telnum}/interval-schedule/{id}", remove_interval, "telnums.edit"),
    Route("POST", "/telnums/{telnum}/calendar-schedule", put_special_day, "telnums.edit"),
    Route("PUT", "/telnums/{telnum}/calendar-schedule/{id}", put_special_day, "telnums.edit"),
    Route("DELETE", "/telnums/{telnum}/calendar-schedule/{id}", remove_special_day, "telnums.edit"),
)
