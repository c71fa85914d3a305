"""Setting up from nothing, for administrators: one message with the steps, which are done, and the next one."""

from aiogram import F, Router
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from desk import walkthrough
from desk.access import Rank
from desk.walkthrough import PbxStep, Standing
from handlers.chat import acting
from handlers.chat.buttons import WalkPress, button
from handlers.chat.pbx_words import trouble
from handlers.chat.scene import Scene
from handlers.chat.texts import Html, Texts, joined

Rendered = tuple[Html, InlineKeyboardMarkup]


def router() -> Router:
    made = Router(name="walkthrough")
    made.callback_query.register(again, WalkPress.filter(F.act == "again"))
    made.callback_query.register(how_to_test, WalkPress.filter(F.act == "test"))
    return made


async def page(scene: Scene, *, ask: bool, refresh: bool = False) -> Rendered:
    """The steps as they stand."""
    standing = await walkthrough.look(scene.desk, ask=ask, refresh=refresh)
    return await _rendered(scene, standing)


async def again(_: object, scene: Scene) -> None:
    """Everything is looked at anew, the PBXs asked."""
    if await _refused(scene):
        return
    await scene.toast()
    await scene.change(*await page(scene, ask=True, refresh=True))


async def how_to_test(_: object, scene: Scene) -> None:
    """How to make a test call; the first event that comes is told."""
    if await _refused(scene):
        return
    say = scene.say
    await walkthrough.await_event(scene.desk, scene.who.user_id)
    text = joined(
        say("☎️ <b>The test call</b>"),
        say("1. Call your company's number from a mobile phone that is not in the PBX."),
        say("2. Let it ring for ten seconds and hang up before anybody answers."),
        say("3. A red card comes to the team's chat. I tell you here, too, when the PBX's first news has come."),
        *_hints(scene),
    )
    back = button(say("🔄 Check again"), WalkPress(act="again"))
    await acting.answer(scene, text, InlineKeyboardMarkup(inline_keyboard=[[back]]))


def _hints(scene: Scene) -> list[Html]:
    """If nothing comes: where the PBX must send its events, or how often it is asked."""
    say, desk = scene.say, scene.desk
    told = []
    for pbx_id in sorted(desk.pbxes):
        if desk.pbxes[pbx_id].capabilities.polling:
            words = say("PBX {pbx} is asked every {n} s.", pbx=pbx_id, n=desk.poll_seconds[pbx_id])
        else:
            base = desk.office.public_url or "https://…"
            address = f"{base}/pbx/{pbx_id}"
            words = say("PBX {pbx} must send its events to {address}", pbx=pbx_id, address=address)
        told.append(words)
    return [say("If nothing comes within a minute:"), *told]


async def _refused(scene: Scene) -> bool:
    if scene.who.rank < Rank.ADMIN:
        await acting.refuse(scene, acting.only_admins(scene.say))
    return scene.who.rank < Rank.ADMIN


async def _rendered(scene: Scene, standing: Standing) -> Rendered:
    say, steps = scene.say, standing.steps
    # Responsible employees can come later: the next step passes them over while another is open.
    following = next((n for n in (0, 1, 2, 4, 3) if not steps[n]), None)
    details = (_pbxes, _chats, _people, _responsible, _events)
    lines = [
        line
        for number, (done, told) in enumerate(zip(steps, details, strict=True))
        for line in _step(number + 1, told(standing, scene), say, done=done, is_next=number == following)
    ]
    text = joined(
        say("✅ <b>Everything is set up.</b> /help shows what I can do.")
        if all(steps)
        else say(
            "🧭 <b>Setting up</b>: {done} of {total} steps are done. 👉 is the next.",
            done=sum(steps),
            total=len(steps),
        ),
        *lines,
    )
    return text, InlineKeyboardMarkup(inline_keyboard=await _keys(scene))


def _step(number: int, told: list[Html], say: Texts, *, done: bool, is_next: bool) -> list[Html]:
    sign = "✅" if done else "👉" if is_next else "▫️"
    first, *rest = told
    return [say("{sign} {n}. {line}", sign=sign, n=number, line=first), *rest]


async def _keys(scene: Scene) -> list[list[InlineKeyboardButton]]:
    say = scene.say
    me = await scene.bot.me()
    add = InlineKeyboardButton(
        text=str(say("➕ Add me to a group").unescape()), url=f"https://t.me/{me.username}?startgroup=connect"
    )
    test = button(say("☎️ Test call"), WalkPress(act="test"))
    return [[add], [test, button(say("🔄 Check again"), WalkPress(act="again"))]]


def _pbxes(standing: Standing, scene: Scene) -> list[Html]:
    say = scene.say
    if standing.steps[0]:
        return [say("The PBX answers: {pbxes}", pbxes=", ".join(one.pbx_id for one in standing.pbxes))]
    lines = [
        trouble(one.trouble, say, scene.desk.pbxes[one.pbx_id])
        if one.trouble
        else say("PBX {pbx} ({vendor}) was not asked yet.", pbx=one.pbx_id, vendor=_vendor(one, scene))
        for one in standing.pbxes
        if not one.answers
    ]
    return [say("The PBX does not answer yet"), *lines]


def _vendor(one: PbxStep, scene: Scene) -> str:
    return scene.desk.pbxes[one.pbx_id].vendor


def _chats(standing: Standing, scene: Scene) -> list[Html]:
    say = scene.say
    if standing.chats:
        return [say("Missed calls are shown in: {chats}", chats=", ".join(standing.chats))]
    return [
        say("No chat shows missed calls yet"),
        say("Add me to your team's group by the button below, then send /connect there."),
    ]


def _people(standing: Standing, scene: Scene) -> list[Html]:
    say = scene.say
    linked, total = sum(one.linked for one in standing.pbxes), sum(one.employees for one in standing.pbxes)
    first = (
        say("People: {linked} of {total} employees are linked", linked=linked, total=total)
        if total
        else say("People: {linked} linked", linked=linked)
    )
    missing = [
        None if scene.who.links else say("Send /link here to say who you are, so that you can call from the cards."),
        say("The others press Start in their chat with me and share their phone number, or send /link.")
        if linked < max(total, 2)
        else None,
    ]
    return [first, *(line for line in missing if line)]


def _responsible(standing: Standing, scene: Scene) -> list[Html]:
    say = scene.say
    heads = [one.heads for one in standing.pbxes if one.heads is not None]
    first = say(
        "Whom to call upon if nobody calls back: {clients} with a responsible employee{heads}",
        clients=say.count("{n} client", "{n} clients", standing.responsible),
        heads=say.count(", {n} department with a head", ", {n} departments with a head", sum(heads)) if heads else "",
    )
    if standing.steps[3]:
        return [first]
    return [first, say("This can wait. /contact NUMBER NAME | LOGIN names one; heads are set at the PBX.")]


def _events(standing: Standing, scene: Scene) -> list[Html]:
    say = scene.say
    silent = [one.pbx_id for one in standing.pbxes if not one.first_event]
    if not silent:
        return [say("The PBX's news reach me")]
    return [
        say("No news yet from PBX {pbxes}", pbxes=", ".join(silent)),
        say("Make a test call: the button below says how."),
    ]
