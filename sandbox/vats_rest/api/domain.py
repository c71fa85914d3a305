"""Section 12: the domain, its music, recording, roles, secretary consoles and voicemail."""

from datetime import timedelta

from aiohttp import web
from pydantic import Field

from sandbox.vats_rest.api.history import NOW
from sandbox.vats_rest.office import Json, NoSuch, Office
from sandbox.vats_rest.wire import Body, Handler, Query, Route, body, body_list, no_content, office_of, query

USER_LIMIT, LINE_LIMIT, GROUP_LIMIT = 15, 3, 7
STANDARD_MUSIC = {"holdmusic": "Утренняя волна"}
#: The text of 12.3 says `holdmusic` for both; the read side names the two apart.
MUSIC = ("ringback", "holdmusic")


class Music(Body):
    file: str


class Logins(Query):
    user: list[str] = Field(default=[])


class Groups(Query):
    group: list[str] = Field(default=[])


async def domain(request: web.Request) -> web.Response:
    office = office_of(request)
    offset = request.app[NOW]().astimezone(office.zone).utcoffset() or timedelta()
    limits = {
        "users": {"used": len(office.employees), "total": USER_LIMIT},
        "local_gw": {"used": len(office.sip_registrations), "total": LINE_LIMIT},
        "groups": {"used": len(office.departments), "total": GROUP_LIMIT},
    }
    services = {"record": office.record_external, "local_gw": True, "branch": True}
    zone = {"name": office.timezone, "offset": int(offset.total_seconds() // 60)}
    return web.json_response({"timezone": zone, "limits": limits, "services": services})


async def music(request: web.Request) -> web.Response:
    office = office_of(request)
    return web.json_response({kind: _melody(office, office.music[kind]) for kind in MUSIC})


def _melody(office: Office, file: str) -> Json:
    uploaded = office.media.get("music", {})
    name = uploaded.get(file) or STANDARD_MUSIC.get(file, file)
    return {"file": file, "name": name, "uploaded": file in uploaded}


async def set_music(request: web.Request) -> web.Response:
    office, kind, wanted = office_of(request), request.match_info["type"], await body(request, Music)
    if kind not in MUSIC:
        raise NoSuch(f"no music {kind!r}")
    if wanted.file not in STANDARD_MUSIC and wanted.file not in office.media.get("music", {}):
        raise NoSuch(f"no file {wanted.file!r}")
    office.music[kind] = wanted.file
    return no_content()


async def media(request: web.Request) -> web.Response:
    """The manual's list of types was lost in print: the demo has `music` and `greeting`."""
    kind = request.match_info["type"]
    files = office_of(request).media.get(kind)
    if files is None:
        raise NoSuch(f"no media {kind!r}")
    return web.json_response([{"id": id_, "name": name} for id_, name in files.items()])


async def record(request: web.Request) -> web.Response:
    office = office_of(request)
    return web.json_response(
        {
            "external": office.record_external,
            "inner": office.record_inner,
            "users_exception": _people(office, office.record_exceptions),
        }
    )


async def roles(request: web.Request) -> web.Response:
    found = office_of(request).custom_roles
    return web.json_response([{"id": r.id, "name": r.name, "rights": list(r.rights)} for r in found])


async def blf(request: web.Request) -> web.Response:
    office = office_of(request)
    return web.json_response(_people(office, office.blf_users))


async def voicemail(request: web.Request) -> web.Response:
    office = office_of(request)
    groups = [{"id": id_, "name": office.departments[id_].name} for id_ in office.voicemail_groups]
    people = _people(office, office.voicemail_users)
    return web.json_response({"all": False, "users": people, "groups": groups, "email": ""})


def _people(office: Office, logins: list[str]) -> list[Json]:
    return [{"login": login, "name": office.employees[login].name} for login in logins]


def _adder(kept: str) -> Handler:
    """POST with a bare list of logins, or of departments for `voicemail_groups`."""

    async def add(request: web.Request) -> web.Response:
        office, wanted = office_of(request), await body_list(request, str)
        known: list[str] = getattr(office, kept)
        if kept == "voicemail_groups":
            found = [office.department(name).id for name in wanted]
        else:
            found = [office.employee(name).login for name in wanted]
        known += [name for name in dict.fromkeys(found) if name not in known]
        return no_content()

    return add


def _remover(kept: str) -> Handler:
    """DELETE with repeated `user=` or `group=`; none at all removes nobody."""

    async def remove(request: web.Request) -> web.Response:
        groups = kept == "voicemail_groups"
        wanted = query(request, Groups).group if groups else query(request, Logins).user
        known: list[str] = getattr(office_of(request), kept)
        known[:] = [name for name in known if name not in wanted]
        return no_content()

    return remove


ROUTES = (
    Route("GET", "/domain", domain, "main.get"),
    Route("GET", "/music", music, "main.get"),
    Route("POST", "/music/{type}", set_music, "main.edit"),
    Route("GET", "/media-catalog/{type}", media, "main.get"),
    Route("GET", "/record", record, "main.get"),
    Route("POST", "/record/users-exception", _adder("record_exceptions"), "main.edit"),
    Route("DELETE", "/record/users-exception", _remover("record_exceptions"), "main.delete"),
    Route("GET", "/access-rights/custom-roles", roles),
    Route("GET", "/blf/users", blf, "main.get"),
    Route("POST", "/blf/users", _adder("blf_users"), "main.edit"),
    Route("DELETE", "/blf/users", _remover("blf_users"), "main.delete"),
    Route("GET", "/am", voicemail, "main.get"),
    Route("POST", "/am/users", _adder("voicemail_users"), "main.edit"),
    Route("DELETE", "/am/users", _remover("voicemail_users"), "main.delete"),
    Route("POST", "/am/groups", _adder("voicemail_groups"), "main.edit"),
    Route("DELETE", "/am/groups", _remover("voicemail_groups"), "main.delete"),
)
