"""What acts have in common: who may, at which PBX, and where the answer goes."""

from datetime import datetime

from aiogram.types import InlineKeyboardMarkup, Message

from desk import access
from desk.access import Rank
from handlers.chat.buttons import PbxPress, button, rows
from handlers.chat.scene import Scene
from handlers.chat.texts import Html, Texts
from pbx.phone_system import PhoneSystem


async def place(scene: Scene, command: str, named: str = "", *, linked: bool = False) -> PhoneSystem | None:
    """The PBX at which the sender acts: the `named` one if it is any business of theirs, else the one meant here.

    None if that was answered already: by a refusal, or by buttons that ask which PBX (`PbxPress` of `command`).
    `linked`: they must be an employee of it.
    """
    say, who = scene.say, scene.who
    if who.rank < Rank.EMPLOYEE:
        await refuse(scene, shut_out(say) if who.is_shut_out else not_employee(say))
        return None
    meant = [scene.desk.pbxes[named]] if named and await concerns(scene, named) else []
    meant = meant or ([] if named else await scene.pbxes())
    mine = [pbx for pbx in meant if who.login_at(pbx.id)]
    if linked and not mine:
        await refuse(scene, not_linked(say))
        return None
    meant = mine if linked else meant
    if not meant:
        await refuse(scene, say("This chat has nothing to do with PBX {pbx}. Link yourself there: /link", pbx=named))
        return None
    if len(meant) > 1:
        choices = [[button(pbx.id, PbxPress(pbx=pbx.id, key=command))] for pbx in meant]
        await scene.reply(say("Which PBX?"), rows(*choices), quote=True)
        return None
    return meant[0]


async def concerns(scene: Scene, pbx_id: str) -> bool:
    """Whether a PBX that a button or a command names is any business of this chat or person."""
    async with scene.desk.db.read() as tx:
        return await access.concerns(scene.desk, tx, scene.chat.id, scene.who, pbx_id)


def asked_about(scene: Scene) -> tuple[str, datetime] | None:
    """What "Which PBX?" was asked about: the command's arguments, and when it was sent. None if it is gone."""
    command = scene.message.reply_to_message if scene.message else None
    if not isinstance(command, Message) or not command.text:
        return None
    _, _, arguments = command.text.partition(" ")
    return arguments.strip(), command.date


async def refuse(scene: Scene, words: Html) -> None:
    """A refusal: in a box that has to be closed, or as a reply."""
    await (scene.toast(words, alert=True) if scene.query else scene.reply(words))


async def answer(scene: Scene, words: Html, keyboard: InlineKeyboardMarkup | None = None) -> None:
    """In place of the question whose button was pressed, or as a reply."""
    if scene.query and scene.message:
        await scene.toast()
        await scene.change(words, keyboard)
    else:
        await scene.toast()
        await scene.reply(words, keyboard)


def shut_out(say: Texts) -> Html:
    """To somebody whom an administrator has made a guest."""
    return say("An administrator has taken your access away. Ask one of them if that is a mistake.")


def not_employee(say: Texts) -> Html:
    return say("Only employees can do this. Send me /link in private, and an administrator will let you in.")


def not_linked(say: Texts) -> Html:
    return say("I don't know which phone is yours. Send me /link in private, then try again.")


def only_managers(say: Texts) -> Html:
    return say("Only managers and administrators can do this. Ask one of them.")


def only_admins(say: Texts) -> Html:
    return say("Only administrators can do this. Ask one of them.")


def out_of_date(say: Texts, command: str) -> Html:
    """The PBX has it no more as the buttons have it."""
    return say("This is out of date: somebody has changed it at the PBX. Send {command} again.", command=command)


def too_old(say: Texts) -> Html:
    return say("This message is too old for its buttons. Send the command again.")
