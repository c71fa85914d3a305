"""Under `/numbers`, for administrators: whose calls are not recorded. Changing it asks first."""

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardMarkup

from desk import recording as rules
from desk.access import Rank
from desk.recording import Recording
from handlers.chat import acting, reading
from handlers.chat.buttons import NumbersPress, RecordingPress, button, mark, rows
from handlers.chat.pbx_words import lacks, trouble
from handlers.chat.scene import Scene
from handlers.chat.texts import Html, joined
from pbx.errors import PbxError
from pbx.phone_system import PhoneSystem
from pbx.vocabulary import Employee

#: Employees on a page.
PAGE = 20

Page = tuple[Html, InlineKeyboardMarkup | None]


def router() -> Router:
    made = Router(name="recording")
    made.callback_query.register(press, RecordingPress.filter())
    return made


async def press(query: CallbackQuery, callback_data: RecordingPress, scene: Scene) -> None:
    """Everything is read from the PBX anew."""
    pbx = await acting.place(scene, "numbers", callback_data.pbx)
    if pbx is None:
        return
    if scene.who.rank is not Rank.ADMIN:
        await acting.refuse(scene, acting.only_admins(scene.say))
    elif not pbx.capabilities.recording_exceptions:
        await acting.refuse(scene, lacks("choice of whose calls are recorded", scene.say, pbx))
    else:
        try:
            await _answer(scene, pbx, callback_data)
        except PbxError as error:
            await acting.refuse(scene, trouble(error, scene.say, pbx))


async def _answer(scene: Scene, pbx: PhoneSystem, press: RecordingPress) -> None:
    now_is = await rules.recording(scene.desk, pbx.id)
    chosen = next((one for one in (*now_is.exceptions, *now_is.others) if mark(one.login) == press.who), None)
    match press.act:
        case "ask" | "asn" | "yes" | "no" if chosen is None:
            await acting.refuse(scene, acting.out_of_date(scene.say, "/numbers"))
        case "ask" | "asn" if chosen:
            await acting.answer(scene, *_sure(scene, pbx, chosen, record=press.act == "ask"))
        case "yes" | "no" if chosen:
            await _record(scene, pbx, now_is, chosen, recorded=press.act == "yes")
        case "who":
            await acting.answer(scene, *_whom(scene, pbx, now_is, press.n))
        case _:
            await acting.answer(scene, *_page(scene, pbx, now_is, press.n, None))


async def _record(scene: Scene, pbx: PhoneSystem, now_is: Recording, one: Employee, *, recorded: bool) -> None:
    """Do it, and show how it stands after."""
    say = scene.say
    await rules.record(scene.desk, pbx.id, now_is, one.login, scene.who.user_id, recorded=recorded)
    done = (
        say("✅ Calls of {name} are recorded from now on.", name=one.name)
        if recorded
        else say("✅ Calls of {name} are not recorded from now on.", name=one.name)
    )
    try:
        after = await rules.recording(scene.desk, pbx.id)
    except PbxError as error:
        await acting.answer(scene, joined(done, trouble(error, say, pbx)))
    else:
        await acting.answer(scene, *_page(scene, pbx, after, 0, done))


def _page(scene: Scene, pbx: PhoneSystem, now_is: Recording, number: int, note: Html | None) -> Page:
    say = scene.say
    number, count = reading.page_of(number, PAGE, len(now_is.exceptions))
    shown = now_is.exceptions[number * PAGE : (number + 1) * PAGE]
    states = {
        True: say("Calls with clients are recorded."),
        False: say("Calls with clients are not recorded. That is switched in the PBX's cabinet."),
        None: None,
    }
    text = joined(
        note,
        say("⏺ <b>Recording</b> at PBX {pbx}", pbx=pbx.id),
        states[now_is.clients],
        say("Never recorded:") if shown else say("There are no exceptions."),
        *(Html("• {}").format(_label(one)) for one in shown),
        say("Page {page} of {pages}", page=number + 1, pages=count) if count > 1 else None,
    )
    again = [
        [button(say("⏺ Record {name}", name=one.name), RecordingPress(act="ask", pbx=pbx.id, who=mark(one.login)))]
        for one in shown
    ]
    turning = reading.turning(number, count, lambda to: RecordingPress(act="all", pbx=pbx.id, n=to))
    add = [button(say("➕ Don't record somebody"), RecordingPress(act="who", pbx=pbx.id))] if now_is.others else []
    back = button(say("« Our numbers"), NumbersPress(act="all", pbx=pbx.id))
    return text, rows(*again, turning, add, [back])


def _whom(scene: Scene, pbx: PhoneSystem, now_is: Recording, number: int) -> Page:
    say = scene.say
    number, count = reading.page_of(number, PAGE, len(now_is.others))
    text = joined(
        say("⏺ <b>Whose calls should not be recorded?</b>"),
        say("Page {page} of {pages}", page=number + 1, pages=count) if count > 1 else None,
    )
    keys = [
        [button(_label(one), RecordingPress(act="asn", pbx=pbx.id, who=mark(one.login)))]
        for one in now_is.others[number * PAGE : (number + 1) * PAGE]
    ]
    turning = reading.turning(number, count, lambda to: RecordingPress(act="who", pbx=pbx.id, n=to))
    return text, rows(*keys, turning, [button(say("↩️ Back"), RecordingPress(act="all", pbx=pbx.id))])


def _sure(scene: Scene, pbx: PhoneSystem, one: Employee, *, record: bool) -> Page:
    say = scene.say
    if record:
        text = joined(
            say("⏺ <b>Record the calls of {name} again?</b>", name=one.name),
            say("From now on their calls are recorded like everybody's. Tell them."),
        )
        label, act = say("⏺ Yes, record"), "yes"
    else:
        text = joined(
            say("⏺ <b>Stop recording the calls of {name}?</b>", name=one.name),
            say("From now on there is nothing to listen to. The recordings there are stay."),
        )
        label, act = say("Yes, stop recording"), "no"
    sure = button(label, RecordingPress(act=act, pbx=pbx.id, who=mark(one.login)))
    return text, rows([sure], [button(say("↩️ Back"), RecordingPress(act="all", pbx=pbx.id))])


def _label(one: Employee) -> str:
    return " · ".join(part for part in (one.name, one.extension) if part)
