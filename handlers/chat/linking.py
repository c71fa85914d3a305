"""`/link`, `/unlink`, and one's own phone number: who somebody is at the PBX."""

from collections.abc import Sequence
from hashlib import sha256

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, Message, ReplyKeyboardRemove, User

from desk import directory, linking
from desk.access import Rank
from desk.directory import Found, Unread
from desk.linking import Linked, Result
from desk.office import Desk
from handlers.chat import acting, pbx_words
from handlers.chat.buttons import LinkPress, button, rows
from handlers.chat.scene import Scene
from handlers.chat.texts import Html, joined
from pbx import numbers
from pbx.errors import PbxError
from pbx.vocabulary import Employee
from storage import people
from storage.people import Link

#: Employees offered on one page.
PAGE = 20


def router() -> Router:
    made = Router(name="linking")
    made.message.register(link, Command("link"))
    made.message.register(unlink, Command("unlink"))
    made.message.register(own_number, F.contact, _is_their_own)
    made.callback_query.register(turn, LinkPress.filter(F.act == "page"))
    made.callback_query.register(pick, LinkPress.filter(F.act == "pick"))
    made.callback_query.register(answer, LinkPress.filter(F.act.in_({"yes", "no"})))
    made.callback_query.register(relink, LinkPress.filter(F.act == "re"))
    return made


async def link(message: Message, command: CommandObject, scene: Scene) -> None:
    """Alone: choose from the employees. With a login: that one. In reply to somebody, by an administrator: theirs."""
    word = (command.args or "").strip()
    other = replied_to(message)
    if scene.who.is_shut_out:
        await scene.reply(acting.shut_out(scene.say))
    elif other and scene.who.rank < Rank.ADMIN:
        await scene.reply(scene.say("Only an administrator links others. To link yourself, send /link by itself."))
    elif other and other.is_bot:
        await scene.reply(scene.say("That is a bot. Reply to a message that the person wrote."))
    elif other and not word:
        name = other.full_name
        await scene.reply(scene.say("Who is {name} at the PBX? Reply to them with /link LOGIN.", name=name))
    elif not word:
        await _offer(scene)
    else:
        await _link_by_word(scene, word, other)


async def _link_by_word(scene: Scene, word: str, other: User | None) -> None:
    pbx_ids, login = await _meant(scene, word)
    try:
        found = await directory.find(scene.desk, pbx_ids, login)
    except Unread as unread:
        await scene.reply(pbx_words.trouble(unread.error, scene.say, scene.desk.pbxes[unread.pbx_id]))
        return
    if not found:
        await scene.reply(
            scene.say(
                "Nobody at the PBX is called “{login}”. Send /link by itself to choose from a list.", login=login
            )
        )
    elif len(found) > 1 and other:
        first = f"{found[0][0]}:{found[0][1].login}"
        await scene.reply(
            scene.say("Several PBXs know “{login}”. Say which one, like /link {example}", login=login, example=first)
        )
    elif len(found) > 1:
        await scene.reply(scene.say("Several PBXs know “{login}”. Which one are you?", login=login), _picks(found))
    else:
        [(pbx_id, employee)] = found
        await scene.reply(await _tie(scene, pbx_id, employee, other))


async def _meant(scene: Scene, word: str) -> tuple[list[str], str]:
    """`main:login` says the PBX outright."""
    pbx_id, colon, login = word.partition(":")
    if colon and pbx_id.strip() in scene.desk.pbxes:
        return [pbx_id.strip()], login.strip()
    return [pbx.id for pbx in await scene.pbxes()], word


async def _tie(scene: Scene, pbx_id: str, employee: Employee, other: User | None = None) -> Html:
    """Link at once if an administrator says so, else ask one; what to answer."""
    desk, who = scene.desk, scene.who
    async with desk.db.write() as tx:
        if other is not None:
            await people.meet(desk.db, tx, other.id, other.full_name, other.username, reachable=False)
        if who.rank is Rank.ADMIN:
            whom = other.id if other else who.user_id
            linked = await linking.link(desk, tx, whom, pbx_id, employee, who.user_id)
        else:
            linked = await linking.ask(desk, tx, who.user_id, pbx_id, employee, scene.chat.id)
    _spread(desk)
    return _outcome(scene, linked, other.full_name if other else who.name)


def _outcome(scene: Scene, linked: Linked, name: str) -> Html:
    say = scene.say
    about = {"name": name, "employee": linked.employee.name, "login": linked.employee.login, "pbx": linked.pbx_id}
    several = len(scene.desk.pbxes) > 1
    match linked.result:
        case Result.LINKED:
            held = linked.instead_of
            return joined(
                say("✅ {name} is {employee} ({login}) at PBX {pbx} now.", **about)
                if several
                else say("✅ {name} is {employee} ({login}) now.", **about),
                say("{name} is not linked to them any more.", name=held) if held else None,
            )
        case Result.ALREADY:
            if len(scene.desk.pbxes) > 1:
                return say(
                    "{name} is linked to {employee} ({login}) at PBX {pbx} already.", pbx=linked.pbx_id, **about
                )
            return say("{name} is linked to {employee} ({login}) already.", **about)
        case Result.ASKED:
            return say(
                "{name}, I asked the administrators whether you are {employee} ({login}). "
                "I will tell you the answer.",
                **about,
            )
        case Result.TOO_MANY:
            return say("Your earlier requests still wait for an administrator. Ask one to answer them.")
        case Result.NOBODY_TO_ASK:
            return say(
                "No administrator has opened a private chat with me yet. Ask one to do so and press Start, "
                "then send /link again."
            )


async def _offer(scene: Scene) -> None:
    """The PBXs, if there are several; else the employees."""
    pbxes = await scene.pbxes()
    if len(pbxes) > 1:
        keys = [[button(pbx.id, LinkPress(act="page", pbx=pbx.id))] for pbx in pbxes]
        await scene.reply(scene.say("Which PBX?"), rows(*keys))
        return
    text, keyboard = await _page(scene, pbxes[0].id, 0)
    await scene.reply(text, keyboard)


async def _page(scene: Scene, pbx_id: str, number: int) -> tuple[Html, InlineKeyboardMarkup | None]:
    try:
        employees = await directory.known(scene.desk, pbx_id)
    except PbxError as error:
        return pbx_words.trouble(error, scene.say, scene.desk.pbxes[pbx_id]), None
    if not employees:
        return scene.say(
            "PBX {pbx} has no employees yet. Add them in its cabinet, then send /link.", pbx=pbx_id
        ), None
    pages = (len(employees) + PAGE - 1) // PAGE
    number = min(max(number, 0), pages - 1)
    shown = [(pbx_id, one) for one in employees[number * PAGE : (number + 1) * PAGE]]
    back = [button("‹", LinkPress(act="page", pbx=pbx_id, n=number - 1))] if number else []
    onward = [button("›", LinkPress(act="page", pbx=pbx_id, n=number + 1))] if number + 1 < pages else []
    text = scene.say("Who are you at PBX {pbx}?", pbx=pbx_id)
    if pages > 1:
        text = joined(text, scene.say("Page {page} of {pages}", page=number + 1, pages=pages))
    return text, _picks(shown, [*back, *onward])


def _picks(found: Sequence[Found], turning: Sequence[InlineKeyboardButton] = ()) -> InlineKeyboardMarkup | None:
    several = len({pbx_id for pbx_id, _ in found}) > 1
    keys = [
        [button(_label(one, several), LinkPress(act="pick", pbx=one[0], who=_mark(one[1].login)))] for one in found
    ]
    return rows(*keys, list(turning))


def _label(found: Found, several: bool) -> str:
    pbx_id, employee = found
    parts = [employee.name, employee.extension or employee.login, pbx_id if several else None]
    return " · ".join(part for part in parts if part)


def _mark(login: str) -> str:
    return sha256(login.encode()).hexdigest()[:10]


async def turn(_: object, callback_data: LinkPress, scene: Scene) -> None:
    """Another page of the employees, or the first of the PBX that was chosen."""
    if callback_data.pbx not in scene.desk.pbxes:
        await scene.toast(scene.say("This list is out of date. Send /link again."), alert=True)
        return
    await scene.toast()
    await scene.change(*await _page(scene, callback_data.pbx, callback_data.n))


async def pick(_: object, callback_data: LinkPress, scene: Scene) -> None:
    """Whoever presses says: that is me."""
    pbx_id = callback_data.pbx
    if scene.who.is_shut_out:
        await acting.refuse(scene, acting.shut_out(scene.say))
        return
    async with scene.desk.db.read() as tx:
        employees = await people.employees_of(tx, pbx_id) if pbx_id in scene.desk.pbxes else []
    chosen = next((one for one in employees if _mark(one.login) == callback_data.who), None)
    if chosen is None:
        await scene.toast(scene.say("This list is out of date. Send /link again."), alert=True)
        return
    await scene.toast()
    await scene.change(await _tie(scene, pbx_id, chosen))


async def answer(_: object, callback_data: LinkPress, scene: Scene) -> None:
    """An administrator's yes or no to a request. The messages follow by themselves."""
    if scene.who.rank < Rank.ADMIN:
        await scene.toast(scene.say("Only an administrator answers this."), alert=True)
        return
    desk = scene.desk
    async with desk.db.write() as tx:
        answered = await linking.answer(desk, tx, callback_data.n, scene.who.user_id, yes=callback_data.act == "yes")
    _spread(desk)
    if answered is None:
        await scene.toast(scene.say("That employee is no longer at the PBX: nothing to allow."), alert=True)
    elif answered.first:
        await scene.toast(scene.say("Linked.") if answered.state == "granted" else scene.say("Refused."))
    else:
        await scene.toast(scene.say("Another administrator was quicker."))


async def own_number(message: Message, scene: Scene) -> None:
    """Their own number, as Telegram vouches for it: the employee who has it is who they are."""
    assert message.contact is not None
    number = numbers.parse("+" + numbers.digits(message.contact.phone_number), scene.country)
    try:
        found = await directory.with_number(scene.desk, number) if number else []
    except Unread as unread:
        await scene.reply(pbx_words.trouble(unread.error, scene.say, scene.desk.pbxes[unread.pbx_id]))
        return
    sure = [one for one in found if sum(one[0] == other[0] for other in found) == 1]
    if sure:
        text = joined(*[await _link_at_once(scene, *one) for one in sure], scene.say("/help shows what you can do."))
    elif found:
        names = ", ".join(employee.name for _, employee in found)
        text = scene.say("Several employees have this number: {names}. Send /link to choose one.", names=names)
    else:
        text = scene.say(
            "No employee at the PBX has the number {number}. Send /link to choose who you are: "
            "an administrator confirms it. Or ask them to enter this number for you at the PBX.",
            number=scene.say.number(number),
        )
    await scene.reply(text, ReplyKeyboardRemove())


async def _link_at_once(scene: Scene, pbx_id: str, employee: Employee) -> Html:
    async with scene.desk.db.write() as tx:
        who = scene.who
        linked = await linking.link(scene.desk, tx, who.user_id, pbx_id, employee, who.user_id)
    _spread(scene.desk)
    return _outcome(scene, linked, who.name)


def _spread(desk: Desk) -> None:
    """Who is whom has changed, or is asked: whom that concerns is told, and shown what they may do now."""
    desk.deliveries.ring()
    desk.menus.ring()


async def unlink(message: Message, command: CommandObject, scene: Scene) -> None:
    """One's own ties, at all PBXs or at the one that is named; an administrator's word ends others'."""
    word, other = (command.args or "").strip(), replied_to(message)
    is_admin = scene.who.rank is Rank.ADMIN
    if (other or word not in ("", *scene.desk.pbxes)) and not is_admin:
        await scene.reply(
            scene.say("Only an administrator unlinks others. To unlink yourself, send /unlink by itself.")
        )
        return
    pbx_ids, login = await _meant(scene, word)
    async with scene.desk.db.write() as tx:
        user_id, pbx_id = other.id if other else scene.who.user_id, None
        if word in scene.desk.pbxes:
            pbx_id = word
        elif word:
            tie = await linking.linked_as(tx, pbx_ids, login)
            user_id, pbx_id = (tie.user_id, tie.pbx_id) if tie else (0, None)
        ended = await linking.unlink(scene.desk, tx, user_id, scene.who.user_id, pbx_id)
        person = await people.get(tx, user_id)
    _spread(scene.desk)
    await scene.reply(_ended(scene, ended, person.name if person else login), _undo(scene, ended))


def _undo(scene: Scene, ended: Sequence[Link]) -> InlineKeyboardMarkup | None:
    """For an administrator: others link themselves anew, by their number or by asking."""
    if scene.who.rank < Rank.ADMIN:
        return None
    return rows(
        *[
            [
                button(
                    scene.say("↩️ Link {login} again", login=one.login),
                    LinkPress(act="re", pbx=one.pbx_id, who=_mark(one.login), n=one.user_id),
                )
            ]
            for one in ended
        ]
    )


async def relink(_: object, callback_data: LinkPress, scene: Scene) -> None:
    """An administrator takes back the end of a link."""
    desk, pbx_id = scene.desk, callback_data.pbx
    if scene.who.rank < Rank.ADMIN:
        await scene.toast(scene.say("Only an administrator answers this."), alert=True)
        return
    async with desk.db.write() as tx:
        employees = await people.employees_of(tx, pbx_id) if pbx_id in desk.pbxes else []
        employee = next((one for one in employees if _mark(one.login) == callback_data.who), None)
        person = await people.get(tx, callback_data.n)
        linked = None
        if employee and person:
            linked = await linking.link(desk, tx, person.user_id, pbx_id, employee, scene.who.user_id)
    if linked is None or person is None:
        await scene.toast(scene.say("That employee is no longer at the PBX: nothing to allow."), alert=True)
        return
    _spread(desk)
    await scene.toast()
    await scene.change(_outcome(scene, linked, person.name))


def _ended(scene: Scene, ended: Sequence[Link], name: str) -> Html:
    if not ended:
        return scene.say("{name} is not linked to anybody. /team shows who is.", name=name)
    logins = ", ".join(one.login for one in ended)
    return scene.say("{name} is no longer linked to {logins}. To link again, send /link.", name=name, logins=logins)


def replied_to(message: Message) -> User | None:
    """Whom the message answers, unless that is the sender. In a topic every message answers the topic's first."""
    earlier = message.reply_to_message
    if earlier is None or earlier.forum_topic_created or earlier.from_user is None or earlier.sender_chat:
        return None
    return earlier.from_user if message.from_user and earlier.from_user.id != message.from_user.id else None


def _is_their_own(message: Message) -> bool:
    """Telegram says whose number it is; a forwarded card may hold one that is theirs no longer."""
    own = message.contact and message.from_user and message.contact.user_id == message.from_user.id
    return bool(own) and message.forward_origin is None and message.chat.type == "private"
