"""`/contact`: a client's name and the responsible employee, shown or written down."""

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from desk import contacts as rules
from desk.access import Rank
from desk.contacts import NoSuchEmployee
from desk.directory import Unread
from handlers.chat import acting, contact_files, number_actions
from handlers.chat.pbx_words import trouble
from handlers.chat.scene import Scene
from handlers.chat.texts import Html, joined
from pbx import numbers
from storage import contacts
from storage.contacts import Contact

#: Characters of a name.
LONGEST = 100
#: In the place of a login: the client belongs to nobody.
NOBODY = "-"
#: In the place of a number: all contacts as a file.
EXPORT = "export"


def router() -> Router:
    made = Router(name="contacts")
    made.message.register(contact, Command("contact"))
    return made


async def contact(message: Message, command: CommandObject, scene: Scene) -> None:
    """`/contact NUMBER` shows, `/contact NUMBER NAME | LOGIN` writes down, `/contact export` gives all as a file."""
    say = scene.say
    if (command.args or "").strip().casefold() == EXPORT:
        await contact_files.export(scene)
        return
    number, rest = numbers.leading(command.args or "", scene.country)
    name, bar, login = (part.strip() for part in rest.partition("|"))
    if scene.who.rank < Rank.EMPLOYEE:
        await scene.reply(acting.not_employee(say))
    elif number is None:
        await scene.reply(
            say(
                "Which client? /contact +79101234567 shows what we know, /contact +79101234567 Maria Petrova "
                "writes a name down, and | anna at the end makes anna responsible."
            )
        )
    elif len(name) > LONGEST:
        await scene.reply(say("The name is too long: {n} characters at most.", n=LONGEST))
    elif not rest:
        await _show(scene, number)
    else:
        await _save(scene, number, name, login if bar else None)


async def _show(scene: Scene, number: str) -> None:
    say = scene.say
    async with scene.desk.db.read() as tx:
        known = await contacts.get(tx, number)
    unknown = say("No name is written down. To do so: /contact {number} NAME", number=number)
    text = joined(await number_actions.about(scene, number), None if known else unknown)
    await scene.reply(text, number_actions.keys(scene, number, await scene.pbxes()))


async def _save(scene: Scene, number: str, name: str, login: str | None) -> None:
    """What is not said stays as it was: without a name the name, without a login the responsible employee."""
    say = scene.say
    async with scene.desk.db.read() as tx:
        known = await contacts.get(tx, number)
    if not name and known is None:
        await scene.reply(say("Say the client's name too: /contact {number} NAME | LOGIN", number=number))
        return
    try:
        responsible = await _responsible(scene, login, known)
    except NoSuchEmployee:
        await scene.reply(
            say(
                "Nobody at the PBX is called “{login}”, so nothing is written down. /team lists everybody.",
                login=login,
            )
        )
        return
    except Unread as unread:
        await scene.reply(trouble(unread.error, say, scene.desk.pbxes[unread.pbx_id]))
        return
    kept = known.name if known and not name else name
    saved = await rules.save(scene.desk, number, kept, responsible, scene.who.user_id)
    await scene.reply(await _saved(scene, saved, known))


async def _responsible(scene: Scene, login: str | None, known: Contact | None) -> str | None:
    if login == NOBODY:
        return None
    if not login:
        return known.responsible if known else None
    return await rules.responsible_word(scene.desk, login, [pbx.id for pbx in await scene.pbxes()])


async def _saved(scene: Scene, saved: Contact, before: Contact | None) -> Html:
    say = scene.say
    renamed = before is not None and before.name != saved.name
    return joined(
        say("📇 Written down:"),
        await number_actions.about(scene, saved.number),
        say("Until now the name was {name}.", name=before.name) if before and renamed else None,
    )
