"""`ringdesk contacts import` and `ringdesk history import`: a progress bar, and a report of what was taken."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot import doorless
from bot.doorless import DONE, NOT_ALL, WRONG
from bot.settings import Settings
from desk import directory
from desk.contact_import import RejectedRow, Why, import_csv
from desk.history_import import import_history
from desk.office import Desk
from pbx.errors import PbxError
from storage.database import DatabaseUnavailable


async def contacts(settings: Settings, file: Path) -> int:
    """Contacts from `phone,name,responsible` rows; the exit status."""
    try:
        async with doorless.new_or_old(settings) as desk:
            for pbx_id, pbx in desk.pbxes.items():
                if pbx.capabilities.employees:
                    await _read_employees(desk, pbx_id)
            with _bar("contacts") as progress:
                report = await import_csv(desk, file, progress)
    except OSError as broken:
        typer.echo(f"{file} can't be read: {broken.strerror}.", err=True)
        return WRONG
    except DatabaseUnavailable as broken:
        typer.echo(f"The database can't be used: {broken}. Run it again: nothing is imported twice.", err=True)
        return NOT_ALL
    typer.echo(f"{report.added} added, {report.updated} updated, {report.already_there} already there.")
    for row in report.rejected:
        typer.echo(f"line {row.line}: {reason(row)}", err=True)
    return NOT_ALL if report.rejected else DONE


def reason(row: RejectedRow) -> str:
    """Why a row was not taken."""
    return {
        Why.NO_NUMBER: f"“{row.said}” is no phone number",
        Why.NO_NAME: "there is no name",
        Why.LONG_NAME: f"the name is longer than {row.said} characters",
        Why.NO_PBX: f"there is no PBX called “{row.said}”",
        Why.NO_EMPLOYEE: f"nobody at the PBX is called “{row.said}”",
        Why.OPEN_QUOTE: "a quotation mark is not closed on this line",
        Why.NO_PHONE: "the card has no phone number",
        Why.OPEN_CARD: "the card does not end",
    }[row.why]


async def _read_employees(desk: Desk, pbx_id: str) -> None:
    """So that the responsible ones can be checked; without the PBX they are taken as written."""
    try:
        await directory.refresh(desk, pbx_id)
    except PbxError as error:
        typer.echo(f"PBX {pbx_id} can't be asked for its employees ({error}); the last known ones count.", err=True)


async def history(settings: Settings, pbx_id: str, since: datetime, until: datetime | None) -> int:
    """Past calls from the first day to the last, both included; the exit status."""
    if pbx_id not in {one.id for one in settings.pbx}:
        known = ", ".join(one.id for one in settings.pbx)
        typer.echo(f"There is no [[pbx]] with the id {pbx_id}; configured: {known}.", err=True)
        return WRONG
    try:
        async with doorless.new_or_old(settings) as desk:
            first, last = (
                since.date(),
                until.date() if until else desk.clock.now().astimezone(desk.office.timezone).date(),
            )
            if last < first:
                typer.echo(f"--to {last} is before --from {first}.", err=True)
                return WRONG
            with _bar("days") as progress:
                report = await import_history(desk, pbx_id, *_moments(desk, first, last), progress)
    except PbxError as error:
        typer.echo(f"The PBX stopped answering: {error}. Run it again: finished days are not read twice.", err=True)
        return NOT_ALL
    except DatabaseUnavailable as broken:
        typer.echo(f"The database can't be used: {broken}. Run it again: finished days are not read twice.", err=True)
        return NOT_ALL
    typer.echo(str(report))
    return DONE


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
