"""What was said in a call, by speaker and time: as messages, or as a file where it is long."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from aiogram.types import BufferedInputFile, ReplyParameters

from desk.hearing import Told
from handlers.chat.fitting import CAPTION, MESSAGE, fit, length
from handlers.chat.scene import Scene
from handlers.chat.texts import Html, Texts, joined
from pbx.vocabulary import Direction, Phrase

#: More messages than this are a file instead.
MOST_MESSAGES = 3
#: Characters of one phrase that stand together.
LONGEST = 3000


async def send(scene: Scene, told: Told, phrases: Sequence[Phrase]) -> None:
    """In reply to the message whose button was pressed."""
    say = scene.say
    title = headline(told, say)
    if not phrases:
        await scene.reply(joined(title, say("Nobody said a word that the PBX understood.")), quote=True)
        return
    parts = messages(title, told, phrases, say)
    if len(parts) > MOST_MESSAGES:
        await _as_file(scene, told, title, phrases)
        return
    for number, part in enumerate(parts):
        await scene.reply(part, quote=number == 0)


async def _as_file(scene: Scene, told: Told, title: Html, phrases: Sequence[Phrase]) -> None:
    text = "\n".join([str(title.striptags()), "", *plain(told, phrases, scene.say)]) + "\n"
    reply = (
        ReplyParameters(message_id=scene.message.message_id, allow_sending_without_reply=True)
        if scene.message
        else None
    )
    local = told.call.call.started_at.astimezone(scene.say.zone)
    await scene.bot.send_document(
        scene.chat.id,
        BufferedInputFile(text.encode("utf-8-sig"), f"{local:%Y-%m-%d-%H%M}.txt"),
        caption=fit(title, CAPTION),
        message_thread_id=scene.thread_id or None,
        reply_parameters=reply,
    )


def headline(told: Told, say: Texts) -> Html:
    """Who talked with whom, and when."""
    began = told.call.call.started_at
    parts = [
        say("📝 <b>{client}</b>", client=_client(told, say)),
        told.who,
        f"{say.day(began)} {say.clock(began)}",
    ]
    return Html(" · ").join(Html.escape(part) for part in parts if part)


def messages(title: Html, told: Told, phrases: Sequence[Phrase], say: Texts) -> list[Html]:
    """As few messages as hold it; none is longer than Telegram allows, none breaks a phrase that fits into one."""
    parts, size = [title], length(title.striptags())
    for phrase in phrases:
        for text in pieces(phrase.text):
            line = say("{at} <b>{who}</b>: {text}", at=_at(phrase.start), who=_speaker(told, phrase, say), text=text)
            more = length(str(line.striptags())) + 1
            if size + more > MESSAGE:
                parts.append(line)
                size = more
            else:
                parts[-1] = Html("\n").join([parts[-1], line])
                size += more
    return parts


def plain(told: Told, phrases: Sequence[Phrase], say: Texts) -> list[str]:
    """A line for each phrase."""
    return [f"{_at(one.start)} {_speaker(told, one, say)}: {one.text}" for one in phrases]


def pieces(text: str) -> Iterator[str]:
    """A phrase without an end in parts, between words where there are any."""
    while length(text) > LONGEST:
        cut = text.rfind(" ", 0, LONGEST // 2)
        cut = cut if cut > 0 else LONGEST // 2
        yield text[:cut]
        text = text[cut:].lstrip()
    yield text


def _at(start: timedelta) -> str:
    """``1:05``, an hour and more as ``1:02:05``."""
    minutes, seconds = divmod(int(start.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _speaker(told: Told, phrase: Phrase, say: Texts) -> str:
    """The caller is the client of an incoming call, and ours of an outgoing one."""
    is_client = phrase.by_caller is (told.call.call.direction is Direction.IN)
    return _client(told, say) if is_client else told.who or str(say("We"))


def _client(told: Told, say: Texts) -> str:
    return told.client_name or say.number(told.call.call.client)
