"""`/blacklist`: whose calls the PBX refuses; blocking, and undoing it."""

from collections.abc import Awaitable, Callable

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from desk import blacklist as rules
from desk.blacklist import Result
from handlers.chat import acting, reading
from handlers.chat.buttons import BlacklistPress, NumberPress, PbxPress, button, rows
from handlers.chat.pbx_words import lacks, trouble
from handlers.chat.scene import Scene
from handlers.chat.texts import Html, Texts, joined
from pbx import numbers
from pbx.errors import PbxError
from pbx.phone_system import PhoneSystem
from pbx.vocabulary import Blocked

#: Numbers on a page, and characters of a comment: a page must fit into one message.
PAGE, COMMENT = 20, 80

Answer = tuple[Html, InlineKeyboardMarkup | None]


def router() -> Router:
    made = Router(name="blacklist")
    made.message.register(blacklist, Command("blacklist"))
    made.callback_query.register(blacklist_there, PbxPress.filter(F.key == "blacklist"))
    made.callback_query.register(turn, BlacklistPress.filter())
    return made


async def blacklist(message: Message, command: CommandObject, scene: Scene) -> None:
    """Alone it lists; `add`, `remove` and `anonymous` change."""
    await _blacklist(scene, *reading.pbx_named(scene, command.args or ""))


async def blacklist_there(query: CallbackQuery, callback_data: PbxPress, scene: Scene) -> None:
    """The answer to "Which PBX?"."""
    about = acting.asked_about(scene)
    if about is None:
        await scene.toast(acting.too_old(scene.say), alert=True)
        return
    await _blacklist(scene, callback_data.pbx, about[0])


async def turn(query: CallbackQuery, callback_data: BlacklistPress, scene: Scene) -> None:
    """Another page, in place of the one that is there."""
    if pbx := await acting.place(scene, "blacklist", callback_data.pbx):
        await acting.answer(scene, *await _tried(scene, pbx, lambda: _page(scene, pbx, callback_data.page)))


async def _blacklist(scene: Scene, named: str, typed: str) -> None:
    word, _, rest = typed.partition(" ")
    act = _ACTS.get(word.casefold())
    if act is None:
        await scene.reply(usage(scene.say))
    elif pbx := await acting.place(scene, "blacklist", named):
        if not pbx.capabilities.blacklist:
            await acting.answer(scene, lacks("blacklist", scene.say, pbx))
        else:
            await acting.answer(scene, *await _tried(scene, pbx, lambda: act(scene, pbx, rest.strip())))


async def _tried(scene: Scene, pbx: PhoneSystem, act: Callable[[], Awaitable[Answer]]) -> Answer:
    try:
        return await act()
    except PbxError as error:
        return trouble(error, scene.say, pbx), None


async def _list(scene: Scene, pbx: PhoneSystem, rest: str) -> Answer:
    return await _page(scene, pbx, 0)


async def _page(scene: Scene, pbx: PhoneSystem, page: int) -> Answer:
    say = scene.say
    rows_ = await rules.listed(scene.desk, pbx.id)
    page, pages = reading.page_of(page, PAGE, len(rows_))
    shown = list(enumerate(rows_, start=1))[page * PAGE : (page + 1) * PAGE]
    text = joined(
        say.count(
            "🚫 <b>PBX {pbx} refuses {n} number</b>",
            "🚫 <b>PBX {pbx} refuses {n} numbers</b>",
            len(rows_),
            pbx=pbx.id,
        )
        if rows_
        else say("PBX {pbx} refuses nobody. To refuse a number: /blacklist add +79101234567", pbx=pbx.id),
        *(_line(number, row, say) for number, row in shown),
        await _anonymous_line(scene, pbx),
        say("Page {page} of {pages}", page=page + 1, pages=pages) if pages > 1 else None,
    )
    return text, rows(reading.turning(page, pages, lambda to: BlacklistPress(pbx=pbx.id, page=to)))


def _line(number: int, row: Blocked, say: Texts) -> Html:
    comment = row.comment if len(row.comment) <= COMMENT else row.comment[: COMMENT - 1] + "…"
    shown = numbers.display(row.number)
    return Html("{}. {} — {}").format(number, shown, comment) if comment else Html("{}. {}").format(number, shown)


async def _anonymous_line(scene: Scene, pbx: PhoneSystem) -> Html | None:
    if not pbx.capabilities.block_anonymous:
        return None
    return _anonymous_words(await rules.refuses_anonymous(scene.desk, pbx.id), scene.say)


def _anonymous_words(refused: bool, say: Texts) -> Html:
    return (
        say("🕶 Calls with a hidden number are refused.") if refused else say("🕶 Calls with a hidden number reach us.")
    )


async def _add(scene: Scene, pbx: PhoneSystem, typed: str) -> Answer:
    number, comment = target(typed, pbx)
    if number is None:
        return usage(scene.say), None
    return await block(scene, pbx, number, comment)


async def block(scene: Scene, pbx: PhoneSystem, number: str, comment: str) -> Answer:
    """Block, and say how to undo it. Raises `PbxError`."""
    say = scene.say
    await rules.block(scene.desk, pbx.id, number, comment, scene.who.user_id)
    lost = comment and not pbx.capabilities.blacklist_comments
    text = joined(
        say("🚫 {number} is blocked: its calls no longer reach us.", number=numbers.display(number)),
        say("PBX {pbx} keeps no comments, so yours is not kept.", pbx=pbx.id) if lost else None,
        say("To undo: the button, or /blacklist remove {number}", number=number),
    )
    return text, rows([button(say("↩️ Unblock"), NumberPress(act="undo", number=number, pbx=_named(scene, pbx)))])


async def _remove(scene: Scene, pbx: PhoneSystem, typed: str) -> Answer:
    number, _ = target(typed, pbx)
    return (usage(scene.say), None) if number is None else (await unblock(scene, pbx, number), None)


async def unblock(scene: Scene, pbx: PhoneSystem, number: str) -> Html:
    """Unblock, and say how it stands. Raises `PbxError`."""
    say, shown = scene.say, numbers.display(number)
    done = await rules.unblock(scene.desk, pbx.id, number, scene.who.user_id)
    if done.result is Result.IN_RANGE and done.entry:
        return say(
            "{number} is not in the blacklist itself, but in the range {range}. "
            "To take the whole range off: /blacklist remove {range}",
            number=shown,
            range=done.entry.number,
        )
    if done.result is Result.NOT_THERE:
        return say("{number} is not blocked. /blacklist shows who is.", number=shown)
    return say("✅ {number} is unblocked: its calls reach us again.", number=shown)


async def _anonymous(scene: Scene, pbx: PhoneSystem, typed: str) -> Answer:
    word = typed.casefold()
    if not pbx.capabilities.block_anonymous:
        return lacks("switch for anonymous calls", scene.say, pbx), None
    if word in ("on", "off"):
        await rules.refuse_anonymous(scene.desk, pbx.id, scene.who.user_id, refuse=word == "on")
        return _anonymous_words(word == "on", scene.say), None
    if word:
        return usage(scene.say), None
    return _anonymous_words(await rules.refuses_anonymous(scene.desk, pbx.id), scene.say), None


def target(typed: str, pbx: PhoneSystem) -> tuple[str | None, str]:
    """The number or range that `typed` begins with, and the comment after it."""
    found, rest = numbers.leading_range(typed, pbx.country)
    return (found, rest) if found else numbers.leading(typed, pbx.country)


def usage(say: Texts) -> Html:
    return say(
        "/blacklist shows who is blocked. /blacklist add +79101234567 why, /blacklist remove +79101234567, "
        "/blacklist anonymous on or off. A range: 749512345*"
    )


def _named(scene: Scene, pbx: PhoneSystem) -> str:
    return "" if len(scene.desk.pbxes) == 1 else pbx.id


_ACTS: dict[str, Callable[[Scene, PhoneSystem, str], Awaitable[Answer]]] = {
    "": _list,
    "add": _add,
    "remove": _remove,
    "anonymous": _anonymous,
}
