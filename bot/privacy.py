"""`ringdesk forget` and `ringdesk export`: everything about one client, removed or written out."""

import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path

import typer

from bot import doorless
from bot.doorless import DONE, NOT_ALL, WRONG
from bot.settings import Settings
from desk import privacy
from desk.privacy import Forgotten
from pbx import numbers

#: What the tables hold, in words.
_CALLED = {
    "contacts": "contact",
    "calls": "calls",
    "live_calls": "calls that go on",
    "cases": "cases",
    "call_backs": "call-backs",
    "ratings": "ratings",
    "recordings": "recordings known to Telegram",
    "escalations": "escalations",
    "inbox": "raw events",
    "updates": "raw updates",
    "acts": "lines of the log of acts (kept, without the number)",
    "timers": "timers",
    "kept": "remembered values",
}


async def export(settings: Settings, written: str, to: Path | None) -> int:
    """Everything known about a client as JSON, to a file or to the standard output; the exit status."""
    number = _number(settings, written)
    if number is None:
        return WRONG
    async with doorless.as_it_is(settings) as desk:
        found = await privacy.known(desk, number)
        if not found:
            typer.echo(_nothing(number), err=True)
            return DONE
        text = json.dumps(privacy.document(desk, found), ensure_ascii=False, indent=2)
    return _written(text, to)


def _written(text: str, to: Path | None) -> int:
    if to is None:
        typer.echo(text)
        return DONE
    try:
        with open(to, "w", encoding="utf-8", opener=_for_us_alone) as file:
            file.write(text + "\n")
    except OSError as broken:
        typer.echo(f"{to} can't be written: {broken.strerror}.", err=True)
        return NOT_ALL
    typer.echo(f"{to} is written.", err=True)
    return DONE


def _for_us_alone(path: str, flags: int) -> int:
    """Everything about a client is not for each user of the machine to read."""
    handle = os.open(path, flags, 0o600)
    if stat.S_ISREG(os.fstat(handle).st_mode):  # it may be a file that was there before, or a pipe
        os.fchmod(handle, 0o600)
    return handle


async def forget(settings: Settings, written: str, *, sure: bool) -> int:
    """Remove everything about a client, once somebody is sure; the exit status."""
    number = _number(settings, written)
    if number is None:
        return WRONG
    async with doorless.as_it_is(settings) as desk:
        found = await privacy.known(desk, number)
        if not found:
            typer.echo(_nothing(number))
            return DONE
        counts = {name: len(rows) for name, rows in found.rows.items()}
        typer.echo(f"Known of {numbers.display(number)}: {_listed(counts)}.")
        if not sure and not typer.confirm("Remove all of it for good?"):
            typer.echo("Nothing was removed.")
            return NOT_ALL
        done = await privacy.forget(desk, number)
    typer.echo(_report(done))
    return DONE


def _number(settings: Settings, written: str) -> str | None:
    number = numbers.parse(written, settings.office.country)
    if number is None:
        typer.echo(f"“{written}” is no phone number. Write it with its country's code: +7 …", err=True)
    return number


def _nothing(number: str) -> str:
    return f"Nothing is known of {numbers.display(number)}."


def _listed(counts: Mapping[str, int]) -> str:
    told = [f"{words} {counts[name]}" for name, words in _CALLED.items() if counts.get(name)]
    return ", ".join(told) or "messages only"


def _report(done: Forgotten) -> str:
    lines = [f"Removed: {_listed(done.rows)}."]
    messages = done.messages
    if messages.to_delete:
        lines.append(f"{messages.to_delete} messages in chats: the running bot deletes them, or the next one does.")
    if messages.to_overwrite:
        lines.append(
            f"{messages.to_overwrite} messages are older than 48 hours, and Telegram lets no bot delete them: "
            "their text is replaced."
        )
    if messages.out_of_reach:
        lines.append(f"{messages.out_of_reach} messages stay: they are in chats that the bot was removed from.")
    lines.append("What people wrote themselves, what the bot answered to commands, and the PBX's own records stay.")
    return "\n".join(lines)
