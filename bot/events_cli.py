"""`ringdesk events failed` and `ringdesk events retry`: what could not be worked, looked at and tried again."""

from collections.abc import Sequence

import typer

from bot import doorless, operator_words
from bot.doorless import DONE, WRONG
from bot.logs import Redacts
from bot.settings import Settings
from desk import status
from storage import inbox, people

#: Rows listed at most; the count of the rest is said.
MOST = 200


async def failed(settings: Settings, *, bodies: bool) -> int:
    """A line for each event that could not be worked, oldest first; the exit status."""
    masked, say = Redacts().text, operator_words.voice(settings)
    async with doorless.as_it_is(settings) as desk:
        async with desk.db.read() as tx:
            rows = await inbox.failed_rows(tx, MOST)
            more = (await inbox.standing(tx)).failed - len(rows)
        for row in rows:
            when = row.received_at.astimezone(desk.office.timezone).isoformat(sep=" ", timespec="seconds")
            typer.echo(f"{row.id}  {row.pbx_id}  {when}  {masked(row.error or '')}")
            if bodies:
                typer.echo("    " + row.body.decode("utf-8", "replace"))
    if more > 0:
        typer.echo(say("… and {n} more.", n=more))
    typer.echo(say("Try them again: ringdesk events retry --all") if rows else say("No event has failed."))
    return DONE


async def retry(settings: Settings, ids: Sequence[int], *, every: bool) -> int:
    """Put failed events back to be worked; the exit status."""
    say = operator_words.voice(settings)
    if bool(ids) == every:
        typer.echo(say("Say which: ringdesk events retry ID …, or ringdesk events retry --all"), err=True)
        return WRONG
    async with doorless.as_it_is(settings) as desk, desk.db.write() as tx:
        count = await status.try_again(desk, tx, people.COMMAND_LINE, ids or None)
    told = say("{n} events are tried again by the running bot. See how it went: ringdesk events failed", n=count)
    typer.echo(told)
    missing = len(set(ids)) - count
    if missing > 0:
        typer.echo(say("{n} of those you named have not failed, or are not there.", n=missing), err=True)
    return DONE
