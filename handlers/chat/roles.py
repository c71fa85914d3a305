"""Roles, opened from `/team` by administrators: who may do what, and a page for each person to change it."""

from collections.abc import Mapping
from typing import Any

from aiogram import F, Router
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from desk import roles
from desk.access import Rank
from desk.roles import Choice, Standing
from handlers.chat import acting, reading
from handlers.chat.buttons import LinkPress, RolePress, button, rows
from handlers.chat.scene import Scene
from handlers.chat.texts import Html, Texts, joined

#: People on a page.
PAGE = 20
#: In a button: the PBX's own role counts.
BY_PBX = "pbx"
CHOICES = ("manager", "employee", "guest", BY_PBX)


def router() -> Router:
    made = Router(name="roles")
    made.callback_query.register(turn, RolePress.filter(F.act == "all"))
    made.callback_query.register(person, RolePress.filter(F.act == "who"))
    made.callback_query.register(choose, RolePress.filter(F.act == "set"))
    return made


def key(scene: Scene) -> list[InlineKeyboardButton]:
    """The button that opens the page, for those who may."""
    return [button(scene.say("🎭 Roles"), RolePress(act="all"))] if scene.who.rank is Rank.ADMIN else []


async def turn(_: object, callback_data: RolePress, scene: Scene) -> None:
    """Everybody, a button each."""
    if await _refused(scene):
        return
    async with scene.desk.db.read() as tx:
        found = await roles.everybody(scene.desk, tx)
    await acting.answer(scene, *_page(scene, found, callback_data.n))


async def person(_: object, callback_data: RolePress, scene: Scene) -> None:
    """One of them, and the roles to choose from."""
    if not await _refused(scene):
        await _show(scene, callback_data.user_id)


async def choose(_: object, callback_data: RolePress, scene: Scene) -> None:
    """A role was chosen."""
    if await _refused(scene):
        return
    say, desk, role = scene.say, scene.desk, callback_data.role
    async with desk.db.write() as tx:
        chosen = None if role == BY_PBX else role
        done = await roles.choose(desk, tx, callback_data.user_id, chosen, scene.who.user_id)
    desk.deliveries.ring()
    desk.menus.ring()
    if done is Choice.GONE:
        await acting.refuse(scene, acting.too_old(say))
    elif done is Choice.ADMIN:
        await acting.refuse(scene, say("Administrators are named in the configuration; that is where to change it."))
    else:
        await _show(scene, callback_data.user_id)


async def _refused(scene: Scene) -> bool:
    if scene.who.rank < Rank.ADMIN:
        await acting.refuse(scene, acting.only_admins(scene.say))
    return scene.who.rank < Rank.ADMIN


def _page(scene: Scene, found: list[Standing], number: int) -> tuple[Html, InlineKeyboardMarkup | None]:
    say = scene.say
    number, count = reading.page_of(number, PAGE, len(found))
    shown = found[number * PAGE : (number + 1) * PAGE]
    text = joined(
        say("🎭 <b>Roles</b>"),
        say("The PBX's own role counts until you choose another here. Press a name to do so."),
        None if found else say("Nobody is linked yet: /link."),
        say("Page {page} of {pages}", page=number + 1, pages=count) if count > 1 else None,
    )
    keys = [
        [
            button(
                say("{name} · {role}", name=one.name, role=rank_name(one.rank, say)),
                RolePress(act="who", user_id=one.user_id, n=number),
            )
        ]
        for one in shown
    ]
    turning = reading.turning(number, count, lambda to: RolePress(act="all", n=to))
    return text, rows(*keys, turning, [button(say("« Team"), LinkPress(act="team"))])


async def _show(scene: Scene, user_id: int) -> None:
    say = scene.say
    async with scene.desk.db.read() as tx:
        one = await roles.of(scene.desk, tx, user_id)
    if one is None:
        await acting.refuse(scene, acting.too_old(say))
        return
    text = joined(
        say("🎭 <b>{name}</b>: {role}", name=one.name, role=rank_name(one.rank, say)),
        say("At the PBX: {employees}", employees=", ".join(one.employees)) if one.employees else None,
        _why(one, say),
        *(
            say("{role}: {may}", role=rank_name(rank, say), may=rank_means(rank, say))
            for rank in (Rank.MANAGER, Rank.EMPLOYEE, Rank.GUEST)
        ),
    )
    back = button(say("‹ Back"), RolePress(act="all"))
    keys = [] if one.rank is Rank.ADMIN else [_choice(one, role, say) for role in CHOICES]
    await acting.answer(scene, text, rows(keys[:3], keys[3:], [back]))


def _choice(one: Standing, role: str, say: Texts) -> InlineKeyboardButton:
    mark = "✓ " if role == (one.role or BY_PBX) else ""
    words = str(role_name(role, say).unescape())
    return button(mark + words, RolePress(act="set", user_id=one.user_id, role=role))


def _why(one: Standing, say: Texts) -> Html:
    if one.rank is Rank.ADMIN:
        return say("Named as administrator in the configuration.")
    return say("As an administrator has said.") if one.role else say("As the PBX says.")


def told(data: Mapping[str, Any], say: Texts) -> Html:
    """To somebody whose role an administrator has changed."""
    rank = Rank[data["rank"]]
    return joined(
        say("🎭 {by} has changed your role here: {role}.", by=data["by"], role=rank_name(rank, say)),
        say("Ask them if that is a mistake.") if rank is Rank.GUEST else say("/help shows what you can do now."),
    )


def rank_name(rank: Rank, say: Texts) -> Html:
    """A rank in a word."""
    return {
        Rank.ADMIN: say("administrator"),
        Rank.MANAGER: say("manager"),
        Rank.EMPLOYEE: say("employee"),
        Rank.GUEST: say("guest"),
    }[rank]


def role_name(role: str, say: Texts) -> Html:
    """A role that can be given, in a word."""
    return {
        "manager": say("manager"),
        "employee": say("employee"),
        "guest": say("guest"),
        BY_PBX: say("as the PBX says"),
    }.get(role, Html.escape(role))


def rank_means(rank: Rank, say: Texts) -> Html:
    """What a rank may do, in a line."""
    return {
        Rank.ADMIN: say("everything"),
        Rank.MANAGER: say("also changes settings, gives back what others have taken, and sees everybody's figures"),
        Rank.EMPLOYEE: say("calls, takes and closes cards, names clients, blocks numbers"),
        Rank.GUEST: say("does nothing and is shown nothing"),
    }[rank]
