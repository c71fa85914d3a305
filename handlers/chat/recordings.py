"""Recordings in the chat: the buttons that ask for them, the messages that bring them, and why there is none."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import IO, Any

from aiogram import Bot, Router
from aiogram.exceptions import ClientDecodeError, TelegramAPIError
from aiogram.methods import SendAudio, SendDocument
from aiogram.types import CallbackQuery, InputFile, Message, ReplyParameters

from desk import hearing
from desk.chat_settings import Listeners
from desk.delivery import MessengerError, NoSuchMessage, Place, Refused
from desk.hearing import Asked, Told
from desk.office import Desk
from desk.recordings import Order, Sound
from handlers.chat import acting, transcript_text
from handlers.chat.buttons import PlayPress
from handlers.chat.fitting import CAPTION, fit
from handlers.chat.messenger import translated, voice
from handlers.chat.pbx_words import lacks, trouble
from handlers.chat.scene import Scene
from handlers.chat.texts import Html, Texts
from pbx import numbers
from pbx.errors import AuthFailed, PbxError
from pbx.recording import MOST_BYTES, Forbidden, Format, NotSound, NotThere, TooBig
from storage import calls, people
from storage.calls import StoredCall
from storage.recordings import Kept

#: Telegram plays these; others go as documents.
MUSIC = frozenset({Format.MP3, Format.M4A})
#: Seconds that the upload of a long recording may take.
UPLOAD = 300
#: Seconds after which Telegram forgets that something is on its way, nearly; real ones, whatever our clock says.
STILL_BUSY = 4.0


def router() -> Router:
    made = Router(name="recordings")
    made.callback_query.register(press, PlayPress.filter())
    return made


async def press(query: CallbackQuery, callback_data: PlayPress, scene: Scene) -> None:
    """What it holds is checked: it comes from the presser's own program, and may name any call."""
    act = _ACTS.get(callback_data.act)
    async with scene.desk.db.read() as tx:
        stored = await calls.by_id(tx, callback_data.call_id)
    if stored is None or act is None or not await acting.concerns(scene, stored.pbx_id):
        await acting.refuse(scene, scene.say("This call is gone from our books."))
        return
    async with scene.desk.db.read() as tx:
        rule = await hearing.closed_to(scene.desk, tx, scene.chat.id, stored.pbx_id, scene.who)
    if rule is not None:
        await acting.refuse(scene, _closed(rule, scene.say))
    elif not scene.desk.pbxes[stored.pbx_id].capabilities.recordings:
        await acting.refuse(scene, lacks("recordings", scene.say, scene.desk.pbxes[stored.pbx_id]))
    elif stored.call.recording_url is None:
        await acting.refuse(scene, scene.say("There is no recording of this call."))
    else:
        await act(scene, stored)


def _closed(rule: Listeners, say: Texts) -> Html:
    return {
        Listeners.NOBODY: say("Recordings are closed in this chat. A manager can open them in /settings."),
        Listeners.MANAGERS: say("Only managers may listen here. A manager can change that in /settings."),
    }.get(rule, acting.not_employee(say))


async def _play(scene: Scene, stored: StoredCall) -> None:
    say, desk, now = scene.say, scene.desk, scene.desk.clock.now()
    reply_to = scene.message.message_id if scene.message else None
    async with desk.db.write() as tx:
        asked = await hearing.ask(desk, tx, stored, scene.place, reply_to=reply_to)
        if asked is Asked.COMING:
            await people.write_act(
                tx, scene.who.user_id, "listen", now, pbx_id=stored.pbx_id, about=f"call {stored.call.id}"
            )
    desk.recordings.ring()
    words = {
        Asked.COMING: say("▶️ The recording is on its way."),
        Asked.ALREADY: say("⏳ It is on its way already."),
        Asked.JUST_SENT: say("It has just been sent here: look below."),
    }
    await scene.toast(words[asked])


async def _text(scene: Scene, stored: StoredCall) -> None:
    """t2 may be slow: the answer comes as a message, and the button is let go at once."""
    pbx = scene.desk.pbxes[stored.pbx_id]
    if not pbx.capabilities.transcripts:
        await acting.refuse(scene, lacks("transcripts", scene.say, pbx))
        return
    async with scene.desk.db.write() as tx:
        about = {"pbx_id": stored.pbx_id, "about": f"call {stored.call.id}"}
        await people.write_act(tx, scene.who.user_id, "transcript", scene.desk.clock.now(), **about)
        told = await hearing.told(scene.desk, tx, stored)
    await scene.toast()
    try:
        phrases = await pbx.transcript(stored.call.recording_url or "")
    except PbxError as error:
        missing = scene.say("📝 There is no text of this call: the PBX has not written it yet, or never will.")
        words = missing if error.status == 404 else trouble(error, scene.say, pbx)
        await scene.reply(words, quote=True)
    else:
        await transcript_text.send(scene, told, phrases)


_ACTS: dict[str, Callable[[Scene, StoredCall], Awaitable[None]]] = {"play": _play, "text": _text}


class TelegramPlayer:
    """Sends recordings: the desk's `Player`, made of Telegram. It waits its turn as an answer to a person does."""

    def __init__(self, desk: Desk, bot: Bot) -> None:
        self._desk = desk
        self._bot = bot

    @asynccontextmanager
    async def busy(self, place: Place) -> AsyncIterator[None]:
        await self._show_busy(place)
        showing = asyncio.create_task(self._keep_busy(place))
        try:
            yield
        finally:
            showing.cancel()
            await asyncio.wait({showing})

    async def _keep_busy(self, place: Place) -> None:
        while True:
            await asyncio.sleep(STILL_BUSY)
            await self._show_busy(place)

    async def _show_busy(self, place: Place) -> None:
        with suppress(TelegramAPIError, ClientDecodeError):  # a courtesy: what is wrong shows when the file is sent
            await self._bot.send_chat_action(place.chat_id, "upload_voice", message_thread_id=place.thread_id or None)

    async def greet(self) -> None:
        await translated(self._bot.get_me)

    async def play(self, order: Order, sound: Sound | Kept) -> Kept:
        say, _ = await voice(self._desk, order.place.chat_id)
        method = _again(order, sound, say) if isinstance(sound, Kept) else _upload(order, sound, say)
        return _kept(await translated(lambda: self._bot(method, request_timeout=UPLOAD)))

    async def later(self, order: Order) -> int:
        say, _ = await voice(self._desk, order.place.chat_id)
        words = say("⏳ The PBX does not give the recording out yet. I go on asking and bring it here.")
        return await self._tell(order, words)

    async def failed(self, order: Order, error: PbxError | MessengerError) -> None:
        say, _ = await voice(self._desk, order.place.chat_id)
        words = why_not(order, error, say, self._desk)
        if order.waiting is not None:
            try:
                await translated(
                    lambda: self._bot.edit_message_text(words, chat_id=order.place.chat_id, message_id=order.waiting)
                )
                return
            except NoSuchMessage:
                pass
        await self._tell(order, words)

    async def take_back(self, order: Order) -> None:
        if order.waiting is not None:
            message_id = order.waiting
            await translated(lambda: self._bot.delete_message(order.place.chat_id, message_id))

    async def _tell(self, order: Order, words: Html) -> int:
        message = await translated(lambda: self._bot.send_message(text=words, **_where(order)))
        return message.message_id


def why_not(order: Order, error: PbxError | MessengerError, say: Texts, desk: Desk) -> Html:
    """Why a recording can't be had, and where it may be heard. Never its address."""
    pbx = desk.pbxes[order.told.call.pbx_id]
    match error:
        case NotThere() if error.status == 404 and order.tries:
            return say("🔇 The PBX has no recording of this call so far. Press ▶️ later, or look in its cabinet.")
        case NotThere():
            return say("🔇 The PBX has this recording no more: it was deleted there, or has expired.")
        case TooBig(size=int(size)):
            return say(
                "🔇 The recording has {size} MB, and Telegram takes {most} from a bot. Listen in the PBX's cabinet.",
                size=-(-size // 1_000_000),
                most=MOST_BYTES // 1_000_000,
            )
        case TooBig():
            return say(
                "🔇 The recording has more than {most} MB, and Telegram takes no more from a bot. "
                "Listen in the PBX's cabinet.",
                most=MOST_BYTES // 1_000_000,
            )
        case Forbidden():
            return say(
                "🔇 The recording lies on a server that I may not ask. An administrator can allow it in the "
                "configuration: <code>recording_hosts</code> of PBX {pbx}.",
                pbx=pbx.id,
            )
        case NotSound():
            return say("🔇 What the PBX gave is no recording. Listen in its cabinet, and tell an administrator.")
        case AuthFailed():
            return say(
                "🔇 PBX {pbx} does not let our key have recordings. An administrator can allow it in its cabinet.",
                pbx=pbx.id,
            )
        case Refused():
            return say("🔇 Telegram does not take this recording. Listen in the PBX's cabinet.")
        case MessengerError():
            return say("🔇 Telegram did not confirm this recording. If it is not in the chat, press ▶️ again.")
    return say("🔇 The recording does not come. {trouble}", trouble=trouble(error, say, pbx))


def caption(told: Told, say: Texts) -> Html:
    """``🎧 Ivan Petrov · Anna · 18 March 12:04``"""
    parts = [say("🎧 <b>{client}</b>", client=_client(told, say)), told.who, _date(told, say)]
    return Html(" · ").join(Html.escape(part) for part in parts if part)


def _client(told: Told, say: Texts) -> str:
    return told.client_name or say.number(told.call.call.client)


def _date(told: Told, say: Texts) -> str:
    began = told.call.call.started_at
    return f"{say.day(began)} {say.clock(began)}"


def _file_name(told: Told, format_: Format, say: Texts) -> str:
    """``79101234567-2026-03-18-1204.mp3``: tells calls apart wherever it is saved."""
    call = told.call.call
    local = call.started_at.astimezone(say.zone)
    return f"{numbers.digits(call.client) if call.client else 'call'}-{local:%Y-%m-%d-%H%M}.{format_.value}"


def _again(order: Order, kept: Kept, say: Texts) -> SendAudio | SendDocument:
    if kept.kind == "audio":
        return SendAudio(audio=kept.file_id, **_about(order, say))
    return SendDocument(document=kept.file_id, **_about(order, say))


def _upload(order: Order, sound: Sound, say: Texts) -> SendAudio | SendDocument:
    told = order.told
    file = Upload(sound.file, _file_name(told, sound.format, say))
    if sound.format not in MUSIC:
        return SendDocument(document=file, disable_content_type_detection=True, **_about(order, say))
    talked = hearing.length(told.call.call)
    return SendAudio(
        audio=file,
        title=" · ".join(part for part in (_client(told, say), told.who) if part),
        performer=_date(told, say),
        duration=round(talked.total_seconds()) if talked else None,
        **_about(order, say),
    )


def _about(order: Order, say: Texts) -> dict[str, Any]:
    lines = [caption(order.told, say), *([_twice(say)] if order.uncertain else [])]
    return {**_where(order), "caption": fit(Html("\n").join(lines), CAPTION)}


def _twice(say: Texts) -> Html:
    """A sending was cut off, and nobody knows whether it arrived."""
    return say("⚠️ After an interruption this recording may be here twice.")


def _where(order: Order) -> dict[str, Any]:
    reply = (
        ReplyParameters(message_id=order.reply_to, allow_sending_without_reply=True)
        if order.reply_to is not None
        else None
    )
    place = order.place
    return {
        "chat_id": place.chat_id,
        "message_thread_id": place.thread_id or None,
        "reply_parameters": reply,
    }


def _kept(message: Message) -> Kept:
    """By what Telegram made of it: a document that it takes for music must be sent as music again."""
    if message.audio:
        return Kept("audio", message.audio.file_id)
    assert message.document is not None
    return Kept("document", message.document.file_id)


class Upload(InputFile):
    """An open file, read from its beginning each time: a request that Telegram puts off is made again."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        super().__init__(filename=name)
        self._file = file

    async def read(self, bot: Bot) -> AsyncIterator[bytes]:  # type: ignore[override]
        self._file.seek(0)
        while chunk := await asyncio.to_thread(self._file.read, self.chunk_size):
            yield chunk
