"""`/team`: who is linked to whom, who is not yet."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, Message

from desk import access, directory, linking
from desk.linking import Member
from handlers.chat import acting, pbx_words, roles
from handlers.chat.buttons import EmployeesPress, LinkPress, button, rows
from handlers.chat.scene import Scene
from handlers.chat.texts import Html, joined
from pbx.errors import PbxError

#: Employees on one page.
PAGE = 40


def router() -> Router:
    made = Router(name="team")
    made.message.register(team, Command("team"))
    made.callback_query.register(turn, LinkPress.filter(F.act == "team"))
    return made


async def team(_: Message, scene: Scene) -> None:
    """Everybody at this chat's PBX, the linked first."""
    await scene.reply(*await _page(scene, 0))


async def turn(_: object, callback_data: LinkPress, scene: Scene) -> None:
    """Another page."""
    await scene.toast()
    await scene.change(*await _page(scene, callback_data.n))


async def _page(scene: Scene, number: int) -> tuple[Html, InlineKeyboardMarkup | None]:
    desk, say = scene.desk, scene.say
    async with desk.db.read() as tx:
        pbx_ids = await access.readable(desk, tx, *scene.place, scene.who)
    if scene.who.is_shut_out:
        return acting.shut_out(say), None
    if not pbx_ids:
        return say("I show the team only to employees. Send /link and an administrator will let you in."), None
    troubles = [words for pbx_id in pbx_ids if (words := await _trouble(scene, pbx_id))]
    async with desk.db.read() as tx:
        members = await linking.team(tx, pbx_ids, desk.clock.now())
    pages = max((len(members) + PAGE - 1) // PAGE, 1)
    number = min(max(number, 0), pages - 1)
    shown = members[number * PAGE : (number + 1) * PAGE]
    text = joined(
        _headline(scene, members),
        *[_line(scene, one, several=len(pbx_ids) > 1) for one in shown],
        *troubles,
        say("Page {page} of {pages}", page=number + 1, pages=pages) if pages > 1 else None,
        say("To join, send /link.") if any(one.user is None for one in members) else None,
    )
    back = [button("‹", LinkPress(act="team", n=number - 1))] if number else []
    onward = [button("›", LinkPress(act="team", n=number + 1))] if number + 1 < pages else []
    return text, rows([*back, *onward], *_employees(scene, pbx_ids), roles.key(scene))


def _employees(scene: Scene, pbx_ids: list[str]) -> list[list[InlineKeyboardButton]]:
    """As each PBX has them: their roles, whose phone is connected."""
    return [
        [
            button(
                scene.say("📇 Employees of PBX {pbx}", pbx=pbx_id)
                if len(pbx_ids) > 1
                else scene.say("📇 Employees at the PBX"),
                EmployeesPress(pbx=pbx_id),
            )
        ]
        for pbx_id in pbx_ids
        if scene.desk.pbxes[pbx_id].capabilities.employees
    ]


async def _trouble(scene: Scene, pbx_id: str) -> Html | None:
    """What keeps us from knowing the employees; None if we do."""
    try:
        await directory.known(scene.desk, pbx_id)
    except PbxError as error:
        return pbx_words.trouble(error, scene.say, scene.desk.pbxes[pbx_id])
    return None


def _headline(scene: Scene, members: list[Member]) -> Html:
    linked = sum(1 for one in members if one.user is not None and not one.left)
    total = sum(1 for one in members if not one.left)
    return scene.say("👥 <b>Team</b>: {linked} of {total} linked to Telegram", linked=linked, total=total)


def _line(scene: Scene, one: Member, *, several: bool) -> Html:
    name = " · ".join(part for part in (one.name, one.extension, one.pbx_id if several else None) if part)
    if one.left:
        return scene.say(
            "⚠️ {name}: no longer at the PBX, still linked to {user}. An administrator can send /unlink {pbx}:{login}",
            name=name,
            user=one.user,
            pbx=one.pbx_id,
            login=one.login,
        )
    line = (
        scene.say("✅ {name}: {user}", name=name, user=one.user)
        if one.user
        else scene.say("▫️ {name}: not linked", name=name)
    )
    if one.paused_since is None:
        return line
    return scene.say("{line} · ⏸ on a pause since {time}", line=line, time=scene.say.clock(one.paused_since))
