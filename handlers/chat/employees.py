"""A page of `/team`: the employees as the PBX has them now, with their roles and whose phone is connected."""

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardMarkup

from desk import access, directory
from handlers.chat import acting, reading
from handlers.chat.buttons import EmployeesPress, LinkPress, button, rows
from handlers.chat.pbx_words import trouble
from handlers.chat.scene import Scene
from handlers.chat.texts import Html, joined
from pbx.errors import PbxError
from pbx.phone_system import PhoneSystem
from pbx.vocabulary import Employee, Registration, Role

#: Employees on a page.
PAGE = 40
ICONS = {Registration.ONLINE: "🟢", Registration.OFFLINE: "⚪️", Registration.UNKNOWN: "▫️"}


def router() -> Router:
    made = Router(name="employees")
    made.callback_query.register(turn, EmployeesPress.filter())
    return made


async def turn(query: CallbackQuery, callback_data: EmployeesPress, scene: Scene) -> None:
    """A page, read from the PBX anew. Shown where `/team` is."""
    desk = scene.desk
    async with desk.db.read() as tx:
        readable = await access.readable(desk, tx, *scene.place, scene.who)
    if callback_data.pbx not in readable:
        await acting.refuse(scene, acting.not_employee(scene.say))
        return
    pbx = desk.pbxes[callback_data.pbx]
    try:
        current = await directory.refresh(desk, pbx.id)
    except PbxError as error:
        await acting.refuse(scene, trouble(error, scene.say, pbx))
    else:
        await acting.answer(scene, *_page(scene, pbx, current, callback_data.n))


def _page(
    scene: Scene, pbx: PhoneSystem, current: list[Employee], number: int
) -> tuple[Html, InlineKeyboardMarkup | None]:
    say = scene.say
    everybody = sorted(current, key=lambda one: one.name.casefold())
    number, count = reading.page_of(number, PAGE, len(everybody))
    text = joined(
        say.count(
            "📇 <b>PBX {pbx} has {n} employee</b>",
            "📇 <b>PBX {pbx} has {n} employees</b>",
            len(everybody),
            pbx=pbx.id,
        ),
        *(_line(scene, pbx, one) for one in everybody[number * PAGE : (number + 1) * PAGE]),
        say("🟢 the phone is connected, ⚪️ it is not") if pbx.capabilities.presence else None,
        say("Page {page} of {pages}", page=number + 1, pages=count) if count > 1 else None,
    )
    turning = reading.turning(number, count, lambda to: EmployeesPress(pbx=pbx.id, n=to))
    return text, rows(turning, [button(say("« Team"), LinkPress(act="team"))])


def _line(scene: Scene, pbx: PhoneSystem, one: Employee) -> Html:
    name = " · ".join(part for part in (one.name, one.extension) if part)
    about = {"icon": ICONS[one.registration] if pbx.capabilities.presence else "▫️", "name": name}
    is_manager = one.role is Role.MANAGER
    return scene.say("{icon} {name} · manager", **about) if is_manager else Html("{icon} {name}").format(**about)
