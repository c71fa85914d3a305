"""The company's users, and the status of the one whom the API key belongs to."""

from aiohttp import web

from sandbox.phonet.wire import OFFICE, Route


async def users(request: web.Request) -> web.Response:
    people = request.app[OFFICE].employees.values()
    return web.json_response(
        [{"id": one.id, "displayName": one.name, "ext": one.ext, "email": one.email} for one in people]
    )


async def status(request: web.Request) -> web.Response:
    office = request.app[OFFICE]
    return web.json_response({"status": office.employees[office.key_owner].status})


ROUTES = (
    Route("GET", "/rest/users", users),
    Route("GET", "/rest/user/status", status),
)
