"""The calls of a period as CSV: opens as it is in a spreadsheet, and nothing in it is taken for a formula."""

import csv
from collections.abc import AsyncGenerator
from datetime import timedelta
from io import StringIO

from aiogram import Bot
from aiogram.types import InputFile

from desk.cases import State
from desk.summary_csv import Part
from handlers.chat.cards import outcome_words
from handlers.chat.texts import Html, Texts
from pbx import numbers
from pbx.vocabulary import Direction, Outcome
from storage.exports import ExportedCall

#: By this a spreadsheet knows the letters; without it Cyrillic is garbled.
BOM = "\ufeff"
#: What spreadsheets of a country expect between cells: where the comma is for decimals, the semicolon.
DELIMITERS = {"en": ","}
#: What makes a spreadsheet read a cell as a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class CallFile(InputFile):
    """Written while it is sent, page by page."""

    def __init__(self, part: Part, filename: str, say: Texts) -> None:
        super().__init__(filename)
        self._part = part
        self._say = say

    async def read(self, bot: Bot) -> AsyncGenerator[bytes, None]:
        yield (BOM + self._lines([_header(self._say)])).encode()
        async for page in self._part.pages():
            yield self._lines([_row(call, self._say) for call in page]).encode()

    def _lines(self, rows: list[list[str]]) -> str:
        written = StringIO()
        delimiter = DELIMITERS.get(self._say.language, ";")
        csv.writer(written, delimiter=delimiter, lineterminator="\r\n").writerows(
            [cell(value) for value in row] for row in rows
        )
        return written.getvalue()


def cell(text: str) -> str:
    """Never a formula; a phone number, which begins with a plus, stays text so as well."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _header(say: Texts) -> list[str]:
    return [
        _plain(one)
        for one in (
            say("Time"),
            say("Direction"),
            say("Outcome"),
            say("Client"),
            say("Name"),
            say("Employee"),
            say("Department"),
            say("Our number"),
            say("Wait, s"),
            say("Talk, s"),
            say("Rating"),
            say("What became of it"),
            say("PBX"),
        )
    ]


def _row(call: ExportedCall, say: Texts) -> list[str]:
    came_in = call.direction is Direction.IN
    return [
        f"{call.started_at.astimezone(say.zone):%Y-%m-%d %H:%M:%S}",
        _plain(say("incoming") if came_in else say("outgoing")),
        _plain(_ending(call, say)),
        say.number(call.client),
        call.name or "",
        call.employee or "",
        call.department or "",
        numbers.display(call.our_number) if call.our_number else "",
        _seconds(call.waited),
        _seconds(call.talked),
        str(call.rating or ""),
        _plain(state_words(State(call.case_state), say)) if call.case_state else "",
        call.pbx_id,
    ]


def _ending(call: ExportedCall, say: Texts) -> Html:
    incoming = {Outcome.MISSED: say("missed"), Outcome.HUNG_UP: say("hung up")}
    known = incoming.get(call.outcome) if call.direction is Direction.IN else None
    return known or outcome_words(call.outcome, call.status, say)


def state_words(state: State, say: Texts) -> Html:
    return {
        State.NOT_RETURNED: say("not returned"),
        State.NOT_REACHED: say("not reached yet"),
        State.RETURNED: say("called back"),
        State.REACHED_US: say("got through themselves"),
        State.HANDLED: say("by hand"),
        State.EXPIRED: say("expired"),
    }[state]


def _seconds(span: timedelta | None) -> str:
    return "" if span is None else str(round(span.total_seconds()))


def _plain(words: Html) -> str:
    return str(words.unescape())
