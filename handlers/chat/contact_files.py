"""Contacts as files, for managers: a .vcf or .csv sent in private is taken in, and `/contact export` gives all."""

import asyncio
import csv
from contextlib import suppress
from dataclasses import replace
from io import BytesIO, StringIO

from aiogram import F, Router
from aiogram.exceptions import ClientDecodeError, TelegramAPIError
from aiogram.types import BufferedInputFile, Message

from desk import contacts as rules
from desk.access import Rank
from desk.contact_import import RejectedRow, Report, Why, import_file
from handlers.chat import acting
from handlers.chat.scene import Scene
from handlers.chat.summary_csv import BOM, DELIMITERS, cell
from handlers.chat.texts import Html, Texts, joined
from storage.contacts import Contact

#: How the names of files that hold contacts end.
ENDINGS = (".vcf", ".csv")
#: Bytes. An address book of fifty thousand fits; what is larger is a mistake.
LARGEST = 5 * 1024 * 1024
#: Rejected lines told one by one.
TOLD = 10


def router() -> Router:
    made = Router(name="contact files")
    made.message.register(take, F.chat.type == "private", F.document, holds_contacts)
    return made


def holds_contacts(message: Message) -> bool:
    """By its name: what Telegram says of a file's kind is what the sender's program says."""
    name = message.document.file_name if message.document else None
    return bool(name) and str(name).casefold().endswith(ENDINGS)


async def take(message: Message, scene: Scene) -> None:
    """Import the file and say what became of each line. Sent again, it changes nothing."""
    say, document = scene.say, message.document
    assert document is not None
    if scene.who.rank < Rank.MANAGER:
        await scene.reply(acting.only_managers(say))
        return
    if (document.file_size or 0) > LARGEST:
        await scene.reply(say("The file is too large: {n} MB at most.", n=LARGEST // 1024 // 1024))
        return
    content = BytesIO()
    await scene.bot.download(document, destination=content)
    name = document.file_name or "?"
    told = _Progress(scene, name)
    report = await import_file(scene.desk, content.getvalue(), told, by=scene.who.user_id)
    await rules.write_import(scene.desk, scene.who.user_id, name, report.added + report.updated)
    await told.end(_report(report, name, say))


class _Progress:
    """One message about a long import, rewritten as often as Telegram lets it; at last it is the report."""

    def __init__(self, scene: Scene, name: str) -> None:
        self._scene, self._name = scene, name
        self._telling: asyncio.Task[None] | None = None
        self._message: Message | None = None

    def __call__(self, done: int, total: int) -> None:
        if done < total and (self._telling is None or self._telling.done()):
            say = self._scene.say
            words = say("⏳ <b>{file}</b>: {done} of {total}", file=self._name, done=done, total=total)
            self._telling = asyncio.create_task(self._try_to_tell(words))

    async def end(self, words: Html) -> None:
        if self._telling:
            await asyncio.wait({self._telling})
        await self._tell(words)

    async def _try_to_tell(self, words: Html) -> None:
        with suppress(TelegramAPIError, ClientDecodeError):  # the report will come all the same
            await self._tell(words)

    async def _tell(self, words: Html) -> None:
        if self._message is None:
            self._message = await self._scene.reply(words)
        else:
            await replace(self._scene, message=self._message).change(words)


def _report(report: Report, name: str, say: Texts) -> Html:
    more = len(report.rejected) - TOLD
    return joined(
        say(
            "📇 <b>{file}</b>: {added} added, {updated} updated, {same} already there",
            file=name,
            added=report.added,
            updated=report.updated,
            same=report.already_there,
        ),
        say.count("⚠️ {n} rejected:", "⚠️ {n} rejected:", len(report.rejected)) if report.rejected else None,
        *(say("line {n}: {reason}", n=one.line, reason=reason(one, say)) for one in report.rejected[:TOLD]),
        say.count("… and {n} more line", "… and {n} more lines", more) if more > 0 else None,
        None if report.added + report.updated + report.already_there + len(report.rejected) else _empty(say),
    )


def _empty(say: Texts) -> Html:
    return say("There are no contacts in it. I read vCards, and tables with the columns phone, name, responsible.")


def reason(row: RejectedRow, say: Texts) -> Html:
    """Why a line was not taken."""
    return {
        Why.NO_NUMBER: say("“{said}” is no phone number", said=row.said[:40]),
        Why.NO_NAME: say("there is no name"),
        Why.LONG_NAME: say("the name is longer than {n} characters", n=row.said),
        Why.NO_PBX: say("there is no PBX called “{said}”", said=row.said[:40]),
        Why.NO_EMPLOYEE: say("nobody at the PBX is called “{said}”", said=row.said[:40]),
        Why.OPEN_QUOTE: say("a quotation mark is not closed on this line"),
        Why.NO_PHONE: say("the card has no phone number"),
        Why.OPEN_CARD: say("the card does not end"),
    }[row.why]


async def export(scene: Scene) -> None:
    """All contacts as a table that can be taken in again."""
    say = scene.say
    if scene.who.rank < Rank.MANAGER:
        await scene.reply(acting.only_managers(say))
    elif not scene.is_private:
        await scene.reply(say("Send /contact export to me in private: the whole list is not for everybody here."))
    elif known := await rules.take_out(scene.desk, scene.who.user_id):
        table = BufferedInputFile(_table(known, say), filename="contacts.csv")
        caption = say.count("📇 {n} contact", "📇 {n} contacts", len(known))
        await scene.bot.send_document(scene.chat.id, table, caption=caption)
    else:
        await scene.reply(say("No client has a name yet: /contact NUMBER NAME."))


def _table(known: list[Contact], say: Texts) -> bytes:
    written = StringIO()
    table = csv.writer(written, delimiter=DELIMITERS.get(say.language, ";"), lineterminator="\r\n")
    table.writerow(("phone", "name", "responsible"))
    table.writerows([cell(one.number), cell(one.name), cell(one.responsible or "")] for one in known)
    return (BOM + written.getvalue()).encode()
