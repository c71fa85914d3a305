"""`ringdesk contacts import` and `ringdesk history import`: a progress bar, and a report of what was taken."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot import doorless, operator_words
from bot.doorless import DONE, NOT_ALL, WRONG
from bot.settings import Settings
from bot.words import Words
from desk import directory
from desk.contact_import import RejectedRow, Why, import_csv
from desk.history_import import Report, import_history
from desk.office import Desk
from pbx.errors import PbxError
from storage.database import DatabaseUnavailable


async def contacts(settings: Settings, file: Path) -> int:
    """Contacts from `phone,name,responsible` rows; the exit status."""
    say = operator_words.voice(settings)
    try:
        async with doorless.new_or_old(settings) as desk:
            for pbx_id, pbx in desk.pbxes.items():
                if pbx.capabilities.employees:
                    await _read_employees(desk, pbx_id, say)
            with _bar(say("contacts")) as progress:
                report = await import_csv(desk, file, progress)
    except OSError as broken:
        typer.echo(say("{file} can't be read: {reason}.", file=file, reason=broken.strerror), err=True)
        return WRONG
    except DatabaseUnavailable as broken:
        again = say("The database can't be used: {reason}. Run it again: nothing is imported twice.", reason=broken)
        typer.echo(again, err=True)
        return NOT_ALL
    told = {"added": report.added, "updated": report.updated, "known": report.already_there}
    typer.echo(say("{added} added, {updated} updated, {known} already there.", **told))
    for row in report.rejected:
        typer.echo(say("line {n}: {why}", n=row.line, why=reason(row, say)), err=True)
    return NOT_ALL if report.rejected else DONE


def reason(row: RejectedRow, say: Words) -> str:
    """Why a row was not taken."""
    return {
        Why.NO_NUMBER: say("“{said}” is no phone number", said=row.said),
        Why.NO_NAME: say("there is no name"),
        Why.LONG_NAME: say("the name is longer than {said} characters", said=row.said),
        Why.NO_PBX: say("there is no PBX called “{said}”", said=row.said),
        Why.NO_EMPLOYEE: say("nobody at the PBX is called “{said}”", said=row.said),
        Why.OPEN_QUOTE: say("a quotation mark is not closed on this line"),
        Why.NO_PHONE: say("the card has no phone number"),
        Why.OPEN_CARD: say("the card does not end"),
    }[row.why]


async def _read_employees(desk: Desk, pbx_id: str, say: Words) -> None:
    """So that the responsible ones can be checked; without the PBX they are taken as written."""
    try:
        await directory.refresh(desk, pbx_id)
    except PbxError as error:
        told = {"pbx": pbx_id, "reason": error}
        words = say("PBX {pbx} can't be asked for its employees ({reason}); the last known ones count.", **told)
        typer.echo(words, err=True)


async def history(settings: Settings, pbx_id: str, since: datetime, until: datetime | None) -> int:
    """Past calls from the first day to the last, both included; the exit status."""
    say = operator_words.voice(settings)
    if pbx_id not in {one.id for one in settings.pbx}:
        known = ", ".join(one.id for one in settings.pbx)
        words = say("There is no [[pbx]] with the id {pbx}; configured: {known}.", pbx=pbx_id, known=known)
        typer.echo(words, err=True)
        return WRONG
    try:
        async with doorless.new_or_old(settings) as desk:
            first, last = (
                since.date(),
                until.date() if until else desk.clock.now().astimezone(desk.office.timezone).date(),
            )
            if last < first:
                typer.echo(say("--to {last} is before --from {first}.", last=last, first=first), err=True)
                return WRONG
            with _bar(say("days")) as progress:
                report = await import_history(desk, pbx_id, *_moments(desk, first, last), progress)
    except PbxError as error:
        words = say(
            "The PBX stopped answering: {reason}. Run it again: finished days are not read twice.", reason=error
        )
        typer.echo(words, err=True)
        return NOT_ALL
    except DatabaseUnavailable as broken:
        again = say(
            "The database can't be used: {reason}. Run it again: finished days are not read twice.", reason=broken
        )
        typer.echo(again, err=True)
        return NOT_ALL
    typer.echo(brought(report, say))
    return DONE


def brought(report: Report, say: Words) -> str:
    told = {"days": report.days, "skipped": report.skipped, "read": report.read, "news": report.news}
    if not report.skipped:
        return say("{days} days; {read} calls read, {news} of them new or better known.", **told)
    return say(
        "{days} days, {skipped} of them finished before; {read} calls read, {news} of them new or better known.",
        **told,
    )


def _moments(desk: Desk, first: date, last: date) -> tuple[datetime, datetime]:
    """From local midnight to local midnight, as UTC."""
    zone = desk.office.timezone
    start = datetime(first.year, first.month, first.day, tzinfo=zone)
    after = last + timedelta(days=1)
    return start, datetime(after.year, after.month, after.day, tzinfo=zone)


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int, int], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
