"""Who works here, and the call from the browser ("click 2 call")."""

from typing import Protocol

from aiohttp import web

from sandbox.t2.office import Employee, Json
from sandbox.t2.wire import Route, json_response, not_found, office_of, text, wrong


class StartsCalls(Protocol):
    def make_call(self, phone: str, employee: Employee) -> None: ...


CALLS: web.AppKey[StartsCalls] = web.AppKey("calls")


async def employees(request: web.Request) -> web.Response:
    return json_response([_employee(one) for one in office_of(request).employees.values()])


def _employee(employee: Employee) -> Json:
    """What is not known is left out: one of the example's employees is an id alone."""
    known: Json = {
        "name": employee.name,
        "surname": employee.surname,
        "fullNumber": employee.full_number,
        "shortNumber": employee.short_number,
        "email": employee.email,
    }
    return {"employeeId": employee.id, **{name: value for name, value in known.items() if value}}


async def call(request: web.Request) -> web.Response:
    """The manual documents no answer but its status."""
    destination, source = text(request, "destination"), text(request, "source")
    if not (destination.isascii() and destination.isdigit()):
        raise wrong("destination")
    employee = office_of(request).holder_of(source)
    if employee is None:
        raise not_found("Employee not found by source number")
    request.app[CALLS].make_call(destination, employee)
    return web.Response()


ROUTES = (
    Route("GET", "/employees", employees),
    Route("POST", "/call/outgoing", call),
)
