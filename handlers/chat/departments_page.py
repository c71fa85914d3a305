"""How `/departments` looks: the list, one department, and the questions about its people."""

from collections.abc import Sequence

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from desk.access import Rank
from desk.departments import Person, Staffed
from desk.office import pbx_name
from handlers.chat import reading
from handlers.chat.buttons import DepartmentPress, button, mark, rows
from handlers.chat.scene import Scene
from handlers.chat.texts import Html, Texts, joined
from pbx.phone_system import PhoneSystem
from pbx.vocabulary import Employee

#: Departments, or people, on a page.
PAGE = 20
#: Instead of a login's mark: whoever presses.
ME = "me"
#: By whether somebody gets the calls.
ICONS = {True: "🔔", False: "🔕", None: "▫️"}

Page = tuple[Html, InlineKeyboardMarkup | None]


def every(scene: Scene, pbx: PhoneSystem, found: Sequence[Staffed], number: int) -> Page:
    """All departments, a line and a button each."""
    say = scene.say
    if not found:
        return say("PBX {pbx} has no departments yet. Add them in its cabinet.", pbx=pbx.id), None
    number, count = reading.page_of(number, PAGE, len(found))
    shown = found[number * PAGE : (number + 1) * PAGE]
    text = joined(
        say("🏢 <b>Departments</b>: how many of their people get the calls"),
        *(_line(one, say) for one in shown),
        _at_pbx(scene, pbx),
        _page_line(number, count, say),
    )
    keys = [button(one.name, DepartmentPress(act="dep", pbx=pbx.id, dept=mark(one.id))) for one in shown]
    turning = reading.turning(number, count, lambda to: DepartmentPress(act="all", pbx=pbx.id, n=to))
    return text, rows(*_in_pairs(keys), turning)


def _line(one: Staffed, say: Texts) -> Html:
    title = _title(one)
    if one.is_known and one.people and not one.receiving:
        return say("⚠️ {department}: nobody", department=title)
    if one.is_known:
        return say("{department}: {n} of {all}", department=title, n=one.receiving, all=len(one.people))
    return say.count("{department}: {n} employee", "{department}: {n} employees", len(one.people), department=title)


def one(scene: Scene, pbx: PhoneSystem, department: Staffed, number: int, note: Html | None) -> Page:
    """A department's people, and what the asker may do about them. `note`: what was just done."""
    say = scene.say
    number, count = reading.page_of(number, PAGE, len(department.people))
    shown = department.people[number * PAGE : (number + 1) * PAGE]
    text = joined(
        note,
        say("🏢 <b>{department}</b>", department=_title(department)),
        *(_person(person, say) for person in shown),
        say("🔔 gets its calls, 🔕 does not") if shown else say("Nobody is in it."),
        _at_pbx(scene, pbx),
        _page_line(number, count, say),
    )
    back = button(say("« Departments"), DepartmentPress(act="all", pbx=pbx.id))
    turning = reading.turning(number, count, lambda to: _press("dep", pbx, department, n=to))
    return text, rows(_mine(scene, pbx, department), *_managing(scene, pbx, department, shown), turning, [back])


def _person(person: Person, say: Texts) -> Html:
    name = " · ".join(part for part in (person.name, person.extension) if part)
    about = {"icon": ICONS[person.receives], "name": name}
    return say("{icon} {name} · head", **about) if person.is_head else Html("{icon} {name}").format(**about)


def _mine(scene: Scene, pbx: PhoneSystem, department: Staffed) -> list[InlineKeyboardButton]:
    """The presser's own switch. In a group it is anybody's, so both ways are offered."""
    say, login = scene.say, scene.who.login_at(pbx.id)
    person = department.person(login) if login else None
    if not pbx.capabilities.switch_departments or (scene.is_private and person is None):
        return []
    off = button(say("🔕 Don't ring me"), _press("off", pbx, department, ME))
    on = button(say("🔔 Ring me"), _press("on", pbx, department, ME))
    if scene.is_private and person and person.receives is not None:
        return [off] if person.receives else [on]
    return [off, on]


def _managing(
    scene: Scene, pbx: PhoneSystem, department: Staffed, shown: Sequence[Person]
) -> list[list[InlineKeyboardButton]]:
    """Everybody's switches, for managers."""
    if scene.who.rank < Rank.MANAGER:
        return []
    say, me = scene.say, scene.who.login_at(pbx.id)
    switches = []
    for person in shown if pbx.capabilities.switch_departments else ():
        if person.login != me or not scene.is_private:
            about = (pbx, department, mark(person.login))
            if person.receives is not False:
                switches.append(button(say("🔕 Off: {name}", name=person.name), _press("off", *about)))
            if not person.receives:
                switches.append(button(say("🔔 On: {name}", name=person.name), _press("on", *about)))
    staffing = []
    if pbx.capabilities.staff_departments:
        staffing.append(button(say("➕ Add somebody"), _press("add", pbx, department)))
        if department.people:
            staffing.append(button(say("➖ Take somebody out"), _press("out", pbx, department)))
    return [*_in_pairs(switches), staffing]


def sure_off(scene: Scene, pbx: PhoneSystem, department: Staffed, person: Person) -> Page:
    """The last who gets the calls is to get none."""
    say = scene.say
    text = joined(
        say("🔕 <b>No more calls of {department} to {name}?</b>", department=department.name, name=person.name),
        _nobody_else(say),
    )
    sure = button(say("🔕 Yes, switch off"), _press("fin", pbx, department, mark(person.login)))
    return text, rows([sure], [_back(say, pbx, department)])


def whom_to_add(
    scene: Scene, pbx: PhoneSystem, department: Staffed, candidates: Sequence[Employee], number: int
) -> Page:
    say = scene.say
    if not candidates:
        text = say("Everybody at PBX {pbx} is in {department} already.", pbx=pbx.id, department=department.name)
        return text, rows([_back(say, pbx, department)])
    number, count = reading.page_of(number, PAGE, len(candidates))
    text = joined(
        say("➕ <b>Who comes into {department}?</b>", department=department.name),
        say("They get its calls at once."),
        _page_line(number, count, say),
    )
    keys = [
        [button(_label(one.name, one.extension), _press("put", pbx, department, mark(one.login)))]
        for one in candidates[number * PAGE : (number + 1) * PAGE]
    ]
    turning = reading.turning(number, count, lambda to: _press("add", pbx, department, n=to))
    return text, rows(*keys, turning, [_back(say, pbx, department)])


def whom_to_remove(scene: Scene, pbx: PhoneSystem, department: Staffed, number: int) -> Page:
    say = scene.say
    number, count = reading.page_of(number, PAGE, len(department.people))
    text = joined(
        say("➖ <b>Whom to take out of {department}?</b>", department=department.name),
        _page_line(number, count, say),
    )
    keys = [
        [button(_label(one.name, one.extension), _press("ask", pbx, department, mark(one.login)))]
        for one in department.people[number * PAGE : (number + 1) * PAGE]
    ]
    turning = reading.turning(number, count, lambda to: _press("out", pbx, department, n=to))
    return text, rows(*keys, turning, [_back(say, pbx, department)])


def sure_remove(scene: Scene, pbx: PhoneSystem, department: Staffed, person: Person) -> Page:
    say, others = scene.say, department.others_receiving(person.login)
    rest = say.count("Its calls then ring {n} other person.", "Its calls then ring {n} other people.", others)
    text = joined(
        say("➖ <b>Take {name} out of {department}?</b>", name=person.name, department=department.name),
        say("Its calls reach them no more."),
        _nobody_else(say) if department.would_ring_nobody(person.login) else rest if department.is_known else None,
    )
    sure = button(say("➖ Yes, take out"), _press("cut", pbx, department, mark(person.login)))
    return text, rows([sure], [_back(say, pbx, department)])


def _nobody_else(say: Texts) -> Html:
    return say("⚠️ Nobody else gets its calls: clients who call it would ring nobody.")


def _press(act: str, pbx: PhoneSystem, department: Staffed, who: str = "", n: int = 0) -> DepartmentPress:
    return DepartmentPress(act=act, pbx=pbx.id, dept=mark(department.id), who=who, n=n)


def _back(say: Texts, pbx: PhoneSystem, department: Staffed) -> InlineKeyboardButton:
    return button(say("↩️ Back"), _press("dep", pbx, department))


def _title(department: Staffed) -> str:
    return _label(department.name, department.extension)


def _label(name: str, extension: str | None) -> str:
    return " · ".join(part for part in (name, extension) if part)


def _at_pbx(scene: Scene, pbx: PhoneSystem) -> Html | None:
    name = pbx_name(scene.desk, pbx.id)
    return scene.say("PBX {pbx}", pbx=name) if name else None


def _page_line(number: int, count: int, say: Texts) -> Html | None:
    return say("Page {page} of {pages}", page=number + 1, pages=count) if count > 1 else None


def _in_pairs(keys: Sequence[InlineKeyboardButton]) -> list[list[InlineKeyboardButton]]:
    return [list(keys[start : start + 2]) for start in range(0, len(keys), 2)]
