"""Sections 15, 16 and 17: other operators' lines, numbers handed to a SIP address, other offices."""

import secrets
from dataclasses import asdict
from typing import TypeVar

from aiohttp import web

from sandbox.vats_rest.lines import Branch, SipRegistration, SipTransfer
from sandbox.vats_rest.office import Json, NoSuch, Taken
from sandbox.vats_rest.wire import Body, Paging, Route, body, no_content, office_of, page, query

K = TypeVar("K")
#: What goes in and never comes out.
SECRET = ("login", "password", "key")


class LineChanges(Body):
    name: str | None = None
    domain: str | None = None
    login: str | None = None
    password: str | None = None
    active: bool | None = None
    auth_name: str | None = None
    expires: int | None = None
    proxy: str | None = None
    outgoing: bool | None = None


class NewLine(LineChanges):
    telnum: str
    name: str
    domain: str
    login: str
    password: str


class TransferChanges(Body):
    active: bool | None = None


class NewTransfer(TransferChanges):
    telnum: str


class NewBranch(Body):
    domain: str
    name: str
    key: str


class BranchChanges(Body):
    """The table knows `name` alone; the example sends `domain` and `key` too."""

    name: str | None = None
    domain: str | None = None
    key: str | None = None


def wire(kept: SipRegistration | SipTransfer | Branch) -> Json:
    return {name: value for name, value in asdict(kept).items() if name not in SECRET}


def _change(kept: SipRegistration | SipTransfer | Branch, changes: Body) -> None:
    for name, value in changes.model_dump(exclude_none=True).items():
        setattr(kept, name, value)


def _line(request: web.Request) -> SipRegistration:
    return _found(office_of(request).sip_registrations, request.match_info["telnum"])


def _transfer(request: web.Request) -> SipTransfer:
    return _found(office_of(request).sip_transfers, request.match_info["telnum"])


def _branch(request: web.Request) -> Branch:
    return _found(office_of(request).branches, request.match_info["domain"])


def _found(kept: dict[str, K], name: str) -> K:
    try:
        return kept[name]
    except KeyError:
        raise NoSuch(f"no {name!r}") from None


async def every_line(request: web.Request) -> web.Response:
    rows = (wire(line) for line in office_of(request).sip_registrations.values())
    return page(request, rows, ("telnum", "name", "domain"), query(request, Paging))


async def line(request: web.Request) -> web.Response:
    return web.json_response(wire(_line(request)))


async def add_line(request: web.Request) -> web.Response:
    office, new = office_of(request), await body(request, NewLine)
    if new.telnum in office.sip_registrations:
        raise Taken(f"{new.telnum} is registered")
    added = SipRegistration(new.telnum, new.name, new.domain)
    _change(added, new)
    office.sip_registrations[new.telnum] = added
    return web.json_response(wire(added))


async def edit_line(request: web.Request) -> web.Response:
    kept = _line(request)
    _change(kept, await body(request, LineChanges))
    return web.json_response(wire(kept))


async def remove_line(request: web.Request) -> web.Response:
    del office_of(request).sip_registrations[_line(request).telnum]
    return no_content()


async def every_transfer(request: web.Request) -> web.Response:
    rows = (wire(kept) for kept in office_of(request).sip_transfers.values())
    return page(request, rows, ("telnum", "uri"), query(request, Paging))


async def transfer(request: web.Request) -> web.Response:
    return web.json_response(wire(_transfer(request)))


async def add_transfer(request: web.Request) -> web.Response:
    office, new = office_of(request), await body(request, NewTransfer)
    if new.telnum in office.sip_transfers:
        raise Taken(f"{new.telnum} is transferred")
    added = SipTransfer(new.telnum, f"pbx-{secrets.token_hex(6)}@{office.domain}", new.active is not False)
    office.sip_transfers[new.telnum] = added
    return web.json_response(wire(added))


async def edit_transfer(request: web.Request) -> web.Response:
    kept = _transfer(request)
    _change(kept, await body(request, TransferChanges))
    return web.json_response(wire(kept))


async def remove_transfer(request: web.Request) -> web.Response:
    del office_of(request).sip_transfers[_transfer(request).telnum]
    return no_content()


async def every_branch(request: web.Request) -> web.Response:
    rows = (wire(kept) for kept in office_of(request).branches.values())
    return page(request, rows, ("name", "domain"), query(request, Paging))


async def branch(request: web.Request) -> web.Response:
    return web.json_response(wire(_branch(request)))


async def add_branch(request: web.Request) -> web.Response:
    office, new = office_of(request), await body(request, NewBranch)
    if new.domain in office.branches:
        raise Taken(f"{new.domain} is connected")
    office.branches[new.domain] = Branch(new.domain, new.name, new.key)
    return web.json_response(wire(office.branches[new.domain]))


async def edit_branch(request: web.Request) -> web.Response:
    """The name alone can change, whatever else the example sends along."""
    kept, changes = _branch(request), await body(request, BranchChanges)
    kept.name = changes.name or kept.name
    return web.json_response(wire(kept))


async def sync_branch(request: web.Request) -> web.Response:
    kept = _branch(request)
    kept.status = "success"
    return web.json_response(wire(kept))


async def remove_branch(request: web.Request) -> web.Response:
    del office_of(request).branches[_branch(request).domain]
    return no_content()


ROUTES = (
    Route("GET", "/sip-registrations", every_line, "local_gw.get"),
    Route("POST", "/sip-registrations", add_line, "local_gw.create"),
    Route("GET", "/sip-registrations/{telnum}", line, "local_gw.get"),
    Route("PUT", "/sip-registrations/{telnum}", edit_line, "local_gw.edit"),
    Route("DELETE", "/sip-registrations/{telnum}", remove_line, "local_gw.delete"),
    Route("GET", "/sipuri-transfers", every_transfer, "local_gw.get"),
    Route("POST", "/sipuri-transfers", add_transfer, "local_gw.create"),
    Route("GET", "/sipuri-transfers/{telnum}", transfer, "local_gw.get"),
    Route("PUT", "/sipuri-transfers/{telnum}", edit_transfer, "local_gw.edit"),
    Route("DELETE", "/sipuri-transfers/{telnum}", remove_transfer, "local_gw.delete"),
    Route("GET", "/branches", every_branch, "branches.get"),
    Route("POST", "/branches", add_branch, "branches.create"),
    Route("GET", "/branches/{domain}", branch, "branches.get"),
    Route("PUT", "/branches/{domain}", edit_branch, "branches.edit"),
    Route("POST", "/branches/{domain}/sync", sync_branch, "branches.edit"),
    Route("DELETE", "/branches/{domain}", remove_branch, "branches.delete"),
)
