"""`ringdesk forget` and `ringdesk export`: everything about one client, removed or written out."""

import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path

import typer

from bot import doorless, operator_words
from bot.doorless import DONE, NOT_ALL, WRONG
from bot.settings import Settings
from bot.words import Words
from desk import privacy
from desk.privacy import Forgotten
from pbx import numbers


async def export(settings: Settings, written: str, to: Path | None) -> int:
    """Everything known about a client as JSON, to a file or to the standard output; the exit status."""
    say = operator_words.voice(settings)
    number = _number(settings, written, say)
    if number is None:
        return WRONG
    async with doorless.as_it_is(settings) as desk:
        found = await privacy.known(desk, number)
        if not found:
            typer.echo(_nothing(number, say), err=True)
            return DONE
        text = json.dumps(privacy.document(desk, found), ensure_ascii=False, indent=2)
    return _written(text, to, say)


def _written(text: str, to: Path | None, say: Words) -> int:
    if to is None:
        typer.echo(text)
        return DONE
    try:
        with open(to, "w", encoding="utf-8", opener=_for_us_alone) as file:
            file.write(text + "\n")
    except OSError as broken:
        typer.echo(say("{file} can't be written: {reason}.", file=to, reason=broken.strerror), err=True)
        return NOT_ALL
    typer.echo(say("{file} is written.", file=to), err=True)
    return DONE


def _for_us_alone(path: str, flags: int) -> int:
    """Everything about a client is not for each user of the machine to read."""
    handle = os.open(path, flags, 0o600)
    if stat.S_ISREG(os.fstat(handle).st_mode):  # it may be a file that was there before, or a pipe
        os.fchmod(handle, 0o600)
    return handle


async def forget(settings: Settings, written: str, *, sure: bool) -> int:
    """Remove everything about a client, once somebody is sure; the exit status."""
    say = operator_words.voice(settings)
    number = _number(settings, written, say)
    if number is None:
        return WRONG
    async with doorless.as_it_is(settings) as desk:
        found = await privacy.known(desk, number)
        if not found:
            typer.echo(_nothing(number, say))
            return DONE
        counts = {name: len(rows) for name, rows in found.rows.items()}
        shown = numbers.display(number)
        typer.echo(say("Known of {number}: {what}.", number=shown, what=_listed(counts, say)))
        if not sure and not typer.confirm(say("Remove all of it for good?")):
            typer.echo(say("Nothing was removed."))
            return NOT_ALL
        done = await privacy.forget(desk, number)
    typer.echo(_report(done, say))
    return DONE


def _number(settings: Settings, written: str, say: Words) -> str | None:
    number = numbers.parse(written, settings.office.country)
    if number is None:
        words = say("“{said}” is no phone number. Write it with its country's code: +7 …", said=written)
        typer.echo(words, err=True)
    return number


def _nothing(number: str, say: Words) -> str:
    return say("Nothing is known of {number}.", number=numbers.display(number))


def _listed(counts: Mapping[str, int], say: Words) -> str:
    told = [f"{words} {counts[name]}" for name, words in _called(say).items() if counts.get(name)]
    return ", ".join(told) or say("messages only")


def _called(say: Words) -> dict[str, str]:
    """What the tables hold, in words."""
    return {
        "contacts": say("contact"),
        "calls": say("calls"),
        "live_calls": say("calls that go on"),
        "cases": say("cases"),
        "call_backs": say("call-backs"),
        "ratings": say("ratings"),
        "notes": say("notes"),
        "recordings": say("recordings known to Telegram"),
        "escalations": say("escalations"),
        "inbox": say("raw events"),
        "updates": say("raw updates"),
        "acts": say("lines of the log of acts (kept, without the number)"),
        "timers": say("timers"),
        "kept": say("remembered values"),
    }


def _report(done: Forgotten, say: Words) -> str:
    lines, messages = [say("Removed: {what}.", what=_listed(done.rows, say))], done.messages
    if n := messages.to_delete:
        lines.append(say("{n} messages in chats: the running bot deletes them, or the next one does.", n=n))
    if n := messages.to_overwrite:
        lines.append(
            say(
                "{n} messages are older than 48 hours, and Telegram lets no bot delete them: their text is replaced.",
                n=n,
            )
        )
    if n := messages.out_of_reach:
        lines.append(say("{n} messages stay: they are in chats that the bot was removed from.", n=n))
    lines.append(
        say("What people wrote themselves, what the bot answered to commands, and the PBX's own records stay.")
    )
    return "\n".join(lines)
