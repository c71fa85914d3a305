"""Section 10: SIM cards and whose they are."""

from dataclasses import asdict

from aiohttp import web

from sandbox.vats_rest.lines import Sim
from sandbox.vats_rest.office import Json, NoSuch, Office
from sandbox.vats_rest.wire import Body, Paging, Route, body, no_content, office_of, page, query

SEARCHED = ("telnum", "user", "user_name")


class NewSim(Body):
    telnum: str
    user: str | None = None
    company: bool = False


def wire(office: Office, sim: Sim) -> Json:
    found: Json = asdict(sim)
    if sim.user in office.employees:
        found["user_name"] = office.employees[sim.user].name
    return found


def named(request: web.Request) -> Sim:
    telnum = request.match_info["telnum"]
    try:
        return office_of(request).sims[telnum]
    except KeyError:
        raise NoSuch(f"no SIM {telnum!r}") from None


async def every(request: web.Request) -> web.Response:
    office = office_of(request)
    rows = (wire(office, sim) for sim in office.sims.values())
    return page(request, rows, SEARCHED, query(request, Paging))


async def one(request: web.Request) -> web.Response:
    return web.json_response(wire(office_of(request), named(request)))


async def available(request: web.Request) -> web.Response:
    items = [{"telnum": telnum} for telnum in office_of(request).sims_available]
    return web.json_response({"items": items, "sms_confirmation": False})


async def add(request: web.Request) -> web.Response:
    """`user` beats `company`; with neither the card is added switched off."""
    office, new = office_of(request), await body(request, NewSim)
    if new.telnum not in office.sims_available:
        raise NoSuch(f"no SIM {new.telnum!r} to add")
    user = office.employee(new.user).login if new.user else ""
    company = new.company and not user
    office.sims_available.remove(new.telnum)
    office.sims[new.telnum] = Sim(new.telnum, user, company, disabled=not user and not company)
    first = next(iter(office.employees), "")
    return web.json_response({"status": "complete", "user": user or (first if company else "")})


async def to_user(request: web.Request) -> web.Response:
    sim, employee = named(request), office_of(request).employee(request.match_info["login"])
    sim.user, sim.company, sim.disabled = employee.login, False, False
    return no_content()


async def to_company(request: web.Request) -> web.Response:
    sim = named(request)
    sim.user, sim.company, sim.disabled = "", True, False
    return no_content()


async def disable(request: web.Request) -> web.Response:
    named(request).disabled = True
    return no_content()


async def remove(request: web.Request) -> web.Response:
    office, sim = office_of(request), named(request)
    del office.sims[sim.telnum]
    office.sims_available.append(sim.telnum)
    return no_content()


ROUTES = (
    Route("GET", "/sims", every, "sims.get"),
    Route("POST", "/sims", add, "sims.create"),
    Route("GET", "/sims-available", available, "sims.get"),
    Route("GET", "/sims/{telnum}", one, "sims.get"),
    Route("DELETE", "/sims/{telnum}", remove, "sims.delete"),
    Route("POST", "/sims/{telnum}/user/{login}", to_user, "sims.edit"),
    Route("POST", "/sims/{telnum}/company", to_company, "sims.edit"),
    Route("POST", "/sims/{telnum}/disable", disable, "sims.edit"),
)
