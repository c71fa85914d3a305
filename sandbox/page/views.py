"""What the page reads: the whole state once, and the files of messages."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sandbox.demo_office import MANAGERS, PEOPLE, TEAM, TIMEZONE
from sandbox.page.actions import STAGE, Refused
from sandbox.page.scenes import SCENES, Scene
from sandbox.page.stage import Stage

#: Shown in the page; everything else is a download.
SHOWN = ("image/png", "image/jpeg", "image/webp", "audio/", "video/")


async def state(request: web.Request) -> web.Response:
    """Everything, or with `?as=ID` what that person sees."""
    stage = request.app[STAGE]
    asked = request.query.get("as")
    if asked is not None and not (asked.isdigit() and int(asked) in stage.world.users):
        raise Refused(404, f"there is no user {asked}")
    return web.json_response(_state(stage, int(asked) if asked else None))


def _state(stage: Stage, user_id: int | None) -> dict[str, Any]:
    return {
        **stage.world.snapshot(user_id),
        "team": TEAM,
        "managers": MANAGERS,
        "timezone": TIMEZONE,
        "people": [
            {"id": one.user_id, "name": one.first_name, "login": one.login, "manager": one.is_manager}
            for one in PEOPLE
        ],
        "menus": {one.user_id: _menus(stage, one.user_id) for one in PEOPLE},
        "pbxes": [{"id": one.id, "vendor": one.vendor, "title": one.title} for one in stage.office.phones.values()],
        "scenes": [{**one.view(), "pbxes": _pbxes(stage, one)} for one in SCENES.values()],
        "status": stage.status(),
        "skips": stage.skip is not None,
        "trace": stage.trace.views(),
    }


def _pbxes(stage: Stage, scene: Scene) -> list[str]:
    """Those on which the scene can be played."""
    return [phones.id for phones in stage.office.phones.values() if scene.plays_on(phones)]


def _menus(stage: Stage, user_id: int) -> dict[int, list[dict[str, Any]]]:
    """The bot's commands as somebody is offered them, by chat."""
    world, user = stage.world, stage.world.users[user_id]
    return {
        chat.id: world.profile.commands_for(chat, user_id, user.language_code)
        for chat in world.chats.values()
        if world.in_sight(user_id, chat)
    }


async def file(request: web.Request) -> web.Response:
    """A message's file; a part of it where a player asks for one."""
    found = request.app[STAGE].world.files.get(request.match_info["id"])
    if found is None:
        raise Refused(404, "there is no such file")
    mime = found.mime.split(";")[0]
    response = web.Response(content_type=mime, headers={"Accept-Ranges": "bytes"})
    if not mime.startswith(SHOWN):
        response.headers["Content-Disposition"] = "attachment"
    size, wanted = len(found.content), request.http_range
    if wanted.start is None and wanted.stop is None:
        response.body = found.content
        return response
    first, last, _ = wanted.indices(size)
    if first >= last:
        raise web.HTTPRequestRangeNotSatisfiable(headers={"Content-Range": f"bytes */{size}"})
    response.set_status(206)
    response.headers["Content-Range"] = f"bytes {first}-{last - 1}/{size}"
    response.body = found.content[first:last]
    return response
