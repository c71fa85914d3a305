"""`/departments`: who gets the calls of which department; one's own switch, and everybody's for managers.

Each page is read from the PBX anew. What leaves clients without anybody asks first.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from desk import departments as rules
from desk.access import Rank
from desk.departments import Person, Staffed
from handlers.chat import acting, departments_page, reading
from handlers.chat.buttons import DepartmentPress, PbxPress, mark
from handlers.chat.pbx_words import lacks, trouble
from handlers.chat.scene import Scene
from handlers.chat.texts import Html, joined
from pbx.errors import PbxError
from pbx.phone_system import PhoneSystem

Answer = tuple[Html, InlineKeyboardMarkup | None]


@dataclass(frozen=True, slots=True)
class Turn:
    """A press on one department's buttons."""

    scene: Scene
    pbx: PhoneSystem
    department: Staffed
    press: DepartmentPress

    @property
    def me(self) -> str | None:
        return self.scene.who.login_at(self.pbx.id)

    @property
    def is_manager(self) -> bool:
        return self.scene.who.rank >= Rank.MANAGER

    @property
    def person(self) -> Person | None:
        """Whom the button names, if they are in the department."""
        wanted = mark(self.me or "") if self.press.who == departments_page.ME else self.press.who
        return next((one for one in self.department.people if mark(one.login) == wanted), None)


def router() -> Router:
    made = Router(name="departments")
    made.message.register(departments, Command("departments"))
    made.callback_query.register(departments_there, PbxPress.filter(F.key == "departments"))
    made.callback_query.register(press, DepartmentPress.filter())
    return made


async def departments(message: Message, command: CommandObject, scene: Scene) -> None:
    """All departments, one line each."""
    named, _ = reading.pbx_named(scene, command.args or "")
    if pbx := await acting.place(scene, "departments", named):
        await _list(scene, pbx, 0)


async def departments_there(query: CallbackQuery, callback_data: PbxPress, scene: Scene) -> None:
    """The answer to "Which PBX?"."""
    if pbx := await acting.place(scene, "departments", callback_data.pbx):
        await _list(scene, pbx, 0)


async def press(query: CallbackQuery, callback_data: DepartmentPress, scene: Scene) -> None:
    """A button: the department is read anew, and so is who may."""
    pbx = await acting.place(scene, "departments", callback_data.pbx)
    if pbx is None:
        return
    if callback_data.act not in _ACTS or not pbx.capabilities.departments:
        await _list(scene, pbx, callback_data.n)
        return
    try:
        found = await rules.listed(scene.desk, pbx.id)
        department = next((one for one in found if mark(one.id) == callback_data.dept), None)
        if department is None:
            await acting.refuse(scene, acting.out_of_date(scene.say, "/departments"))
            return
        await _ACTS[callback_data.act](Turn(scene, pbx, department, callback_data))
    except PbxError as error:
        await acting.refuse(scene, trouble(error, scene.say, pbx))


async def _list(scene: Scene, pbx: PhoneSystem, page: int) -> None:
    if not pbx.capabilities.departments:
        await acting.answer(scene, lacks("list of departments", scene.say, pbx))
        return
    try:
        found = await rules.listed(scene.desk, pbx.id)
    except PbxError as error:
        await acting.refuse(scene, trouble(error, scene.say, pbx))
    else:
        await acting.answer(scene, *departments_page.every(scene, pbx, found, page))


async def _show(turn: Turn) -> None:
    await acting.answer(turn.scene, *departments_page.one(turn.scene, turn.pbx, turn.department, turn.press.n, None))


async def _on(turn: Turn) -> None:
    await _switch(turn, receives=True)


async def _off(turn: Turn) -> None:
    """Asks first if nobody else would get the calls."""
    person = turn.person
    if person and _may(turn, person) and turn.department.would_ring_nobody(person.login):
        await acting.answer(turn.scene, *departments_page.sure_off(turn.scene, turn.pbx, turn.department, person))
    else:
        await _switch(turn, receives=False)


async def _off_for_sure(turn: Turn) -> None:
    await _switch(turn, receives=False)


async def _switch(turn: Turn, *, receives: bool) -> None:
    say, person, mine = turn.scene.say, turn.person, turn.press.who == departments_page.ME
    if mine and turn.me is None:
        await acting.refuse(turn.scene, acting.not_linked(say))
    elif person is None and mine:
        words = say("You are not in {department}. Ask a manager to add you.", department=turn.department.name)
        await acting.refuse(turn.scene, words)
    elif person is None:
        await acting.refuse(turn.scene, acting.out_of_date(turn.scene.say, "/departments"))
    elif not _may(turn, person):
        await acting.refuse(turn.scene, acting.only_managers(turn.scene.say))
    else:
        desk, by = turn.scene.desk, turn.scene.who.user_id
        await rules.switch(desk, turn.pbx.id, turn.department, person.login, by, receives=receives)
        about = {"name": person.name, "department": turn.department.name}
        if receives:
            await _read_back(turn, say("✅ {name} gets the calls of {department} now.", **about))
        else:
            await _read_back(turn, say("✅ {name} gets no calls of {department} now.", **about))


def _may(turn: Turn, person: Person) -> bool:
    return turn.is_manager or person.login == turn.me


async def _add(turn: Turn) -> None:
    """Whom?"""
    if await _staffs(turn):
        candidates = await rules.addable(turn.scene.desk, turn.pbx.id, turn.department)
        page = departments_page.whom_to_add(turn.scene, turn.pbx, turn.department, candidates, turn.press.n)
        await acting.answer(turn.scene, *page)


async def _put(turn: Turn) -> None:
    """This one."""
    if not await _staffs(turn):
        return
    say, desk = turn.scene.say, turn.scene.desk
    if turn.person:
        already = say("{name} is in {department} already.", name=turn.person.name, department=turn.department.name)
        await _read_back(turn, already)
        return
    candidates = await rules.addable(desk, turn.pbx.id, turn.department)
    chosen = next((one for one in candidates if mark(one.login) == turn.press.who), None)
    if chosen is None:
        await acting.refuse(turn.scene, acting.out_of_date(turn.scene.say, "/departments"))
        return
    await rules.add(desk, turn.pbx.id, turn.department, chosen.login, turn.scene.who.user_id)
    about = {"name": chosen.name, "department": turn.department.name}
    await _read_back(turn, say("✅ {name} is in {department} now and gets its calls.", **about))


async def _out(turn: Turn) -> None:
    """Whom?"""
    if await _staffs(turn):
        page = departments_page.whom_to_remove(turn.scene, turn.pbx, turn.department, turn.press.n)
        await acting.answer(turn.scene, *page)


async def _ask(turn: Turn) -> None:
    """This one: sure?"""
    if not await _staffs(turn):
        return
    if turn.person is None:
        await acting.refuse(turn.scene, acting.out_of_date(turn.scene.say, "/departments"))
    else:
        page = departments_page.sure_remove(turn.scene, turn.pbx, turn.department, turn.person)
        await acting.answer(turn.scene, *page)


async def _remove(turn: Turn) -> None:
    if not await _staffs(turn):
        return
    person, say = turn.person, turn.scene.say
    if person is None:
        await _read_back(turn, None)
        return
    await rules.remove(turn.scene.desk, turn.pbx.id, turn.department, person.login, turn.scene.who.user_id)
    about = {"name": person.name, "department": turn.department.name}
    await _read_back(turn, say("✅ {name} is no longer in {department}.", **about))


async def _staffs(turn: Turn) -> bool:
    """Whether people may be added and taken out, by the presser and at this PBX; if not, that is said."""
    if not turn.is_manager:
        await acting.refuse(turn.scene, acting.only_managers(turn.scene.say))
    elif not turn.pbx.capabilities.staff_departments:
        await acting.refuse(turn.scene, lacks("way to staff departments", turn.scene.say, turn.pbx))
    else:
        return True
    return False


async def _read_back(turn: Turn, note: Html | None) -> None:
    """The department as the PBX has it after what was done, `note` above it."""
    scene, pbx = turn.scene, turn.pbx
    try:
        found = await rules.listed(scene.desk, pbx.id)
    except PbxError as error:
        await acting.answer(scene, joined(note, trouble(error, scene.say, pbx)))
        return
    department = next((one for one in found if one.id == turn.department.id), None)
    if department is None:
        await acting.answer(scene, joined(note, acting.out_of_date(scene.say, "/departments")))
    else:
        await acting.answer(scene, *departments_page.one(scene, pbx, department, turn.press.n, note))


_ACTS: dict[str, Callable[[Turn], Awaitable[None]]] = {
    "dep": _show,
    "on": _on,
    "off": _off,
    "fin": _off_for_sure,
    "add": _add,
    "put": _put,
    "out": _out,
    "ask": _ask,
    "cut": _remove,
}
