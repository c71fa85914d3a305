"""Managers: the employees to whom the calls of certain customers go first."""

from collections.abc import Iterable

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sandbox.t2.office import Customer, Json, Manager, Office
from sandbox.t2.wire import Route, json_response, not_found, office_of, word, wrong

SUCCESS = "SUCCESS"
ONE_FOR_ALL = "MANAGER_HANDLING_ALL_CUSTOMERS_ALREADY_EXISTS"
ASSIGNED = "CUSTOMER_ALREADY_ASSIGNED"


class _Body(BaseModel):
    """Types must be right, and what neither table nor example names is an error."""

    model_config = ConfigDict(extra="forbid", strict=True)


class CustomerBody(_Body):
    """`clientId` and `companyId` are in the examples alone; `isVip` is theirs too, the table's `isVIP` is refused."""

    id: int | None = None
    realNumber: str = Field(min_length=1)
    name: str = ""
    companyName: str = ""
    info: str = ""
    isVip: bool = False
    clientId: int | None = None
    companyId: int | None = None


class ManagerBody(_Body):
    id: int | None = None
    employeeId: int
    companyId: int | None = None
    name: str = ""
    customers: list[CustomerBody] = []
    handleAllCustomers: bool = False


async def everybody(request: web.Request) -> web.Response:
    office = office_of(request)
    return json_response([_manager(office, one) for one in office.managers.values()])


async def one(request: web.Request) -> web.Response:
    return json_response(_manager(office_of(request), _named(request)))


async def add(request: web.Request) -> web.Response:
    """The text forbids an `id` here, though the example sends one."""
    office, body = office_of(request), await _body(request)
    if body.id is not None:
        raise wrong("id")
    if body.employeeId not in office.employees:
        raise not_found()
    return word(request, _save(office, body, next(office.ids)))


async def edit(request: web.Request) -> web.Response:
    """Replaces the whole manager. Its 404 comes without `details`, as the manual notes."""
    office, body = office_of(request), await _body(request)
    if body.id is None:
        raise wrong("id")
    if body.id not in office.managers or body.employeeId not in office.employees:
        raise not_found(None)
    return word(request, _save(office, body, body.id))


async def remove(request: web.Request) -> web.Response:
    del office_of(request).managers[_named(request).id]
    return web.Response()


def _save(office: Office, body: ManagerBody, id_: int) -> str:
    others = [manager for manager in office.managers.values() if manager.id != id_]
    if body.handleAllCustomers and any(manager.handle_all_customers for manager in others):
        return ONE_FOR_ALL
    taken = {customer.real_number for manager in others for customer in manager.customers}
    if any(customer.realNumber in taken for customer in body.customers):
        return ASSIGNED
    customers = list(_customers(office, body.customers))
    office.managers[id_] = Manager(id_, body.employeeId, body.name, customers, body.handleAllCustomers)
    return SUCCESS


def _customers(office: Office, bodies: Iterable[CustomerBody]) -> Iterable[Customer]:
    for body in bodies:
        id_ = next(office.ids) if body.id is None else body.id
        yield Customer(id_, body.realNumber, body.name, body.companyName, body.info, body.isVip)


async def _body(request: web.Request) -> ManagerBody:
    try:
        return ManagerBody.model_validate_json(await request.read() or b"{}")
    except ValidationError as error:
        place = error.errors(include_url=False)[0]["loc"]
        raise wrong(".".join(str(part) for part in place) or "manager") from None


def _named(request: web.Request) -> Manager:
    id_ = request.match_info["id"]
    if not (id_.isascii() and id_.isdigit()):
        raise wrong("id")
    manager = office_of(request).managers.get(int(id_))
    if manager is None:
        raise not_found()
    return manager


def _manager(office: Office, manager: Manager) -> Json:
    return {
        "id": manager.id,
        "employeeId": manager.employee_id,
        "companyId": office.company_id,
        "name": manager.name,
        "customers": [_customer(customer) for customer in manager.customers],
        "handleAllCustomers": manager.handle_all_customers,
    }


def _customer(customer: Customer) -> Json:
    """What is not known is left out, as `info` and `name` are in the example."""
    texts = {"name": customer.name, "companyName": customer.company_name, "info": customer.info}
    known: Json = {name: value for name, value in texts.items() if value}
    return {"id": customer.id, "realNumber": customer.real_number, **known, "isVip": customer.is_vip}


ROUTES = (
    Route("GET", "/managers", everybody),
    Route("GET", "/managers/{id}", one),
    Route("POST", "/managers", add),
    Route("PUT", "/managers", edit),
    Route("DELETE", "/managers/{id}", remove),
)
