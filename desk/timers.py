"""What is to be done at a time: each kind of timer has one function, found in one table.

A function does its thing and ends or puts off its timer in the transaction that writes down what came of it. So a
crash repeats a timer and never loses it, and doing one again must do no harm.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

import structlog

from desk import (
    card_menus,
    claims,
    client_lookup,
    escalation,
    final_word,
    hearing,
    lines,
    live_card,
    pbx_troubles,
    presence,
    walkthrough,
)
from desk.office import Desk
from pbx.errors import PbxError, RateLimited
from storage import memory
from storage.database import DatabaseUnavailable
from storage.memory import Timer

log = structlog.get_logger()

#: What to do, by the kind of timer. The subject of each begins with the PBX it is about.
HANDLERS: dict[str, Callable[[Desk, Timer], Awaitable[None]]] = {
    presence.KIND: presence.dnd_over,
    card_menus.KIND: card_menus.shut,
    claims.KIND: claims.lapse,
    escalation.KIND: escalation.call_upon,
    lines.KIND: lines.look,
    live_card.KIND: live_card.give_up,
    client_lookup.KIND: client_lookup.look_up,
    walkthrough.KIND: walkthrough.look_for_event,
}
#: Of these, all that are due at one PBX are done at once, by one question.
AT_ONCE: dict[str, Callable[[Desk, Sequence[Timer]], Awaitable[None]]] = {final_word.KIND: final_word.ask}
#: The most of them.
MOST_AT_ONCE = 1000
#: Worked by a loop of their own (`desk.recordings`).
ELSEWHERE = frozenset({hearing.KIND})
#: These come after whatever else is due: nobody waits for them.
PATIENT = frozenset({client_lookup.KIND})
#: While a PBX is out, its timers are tried again later and later.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=5)


async def run_due(desk: Desk) -> None:
    """Do what is due, one after the other at each PBX. Raises `DatabaseUnavailable`; the rest then stays due."""
    async with desk.db.read() as tx:
        now = desk.clock.now()
        due = await memory.due_timers(tx, now, MOST_AT_ONCE, only=AT_ONCE.keys())
        due += await memory.due_timers(tx, now, but=ELSEWHERE | AT_ONCE.keys())
    by_pbx: dict[str, list[Timer]] = defaultdict(list)
    for timer in sorted(due, key=lambda one: one.kind in PATIENT):
        by_pbx[timer.subject.partition(" ")[0]].append(timer)
    outcomes = await asyncio.gather(
        *(_run(desk, _jobs(timers)) for timers in by_pbx.values()), return_exceptions=True
    )
    if due:
        desk.deliveries.ring()
    for outcome in outcomes:
        if outcome is not None:
            raise outcome


def _jobs(timers: Iterable[Timer]) -> list[list[Timer]]:
    """Each timer by itself, but for those that are done at once."""
    jobs: dict[tuple[str, str], list[Timer]] = {}
    for timer in timers:
        jobs.setdefault((timer.kind, "" if timer.kind in AT_ONCE else timer.subject), []).append(timer)
    return list(jobs.values())


async def _run(desk: Desk, jobs: Iterable[list[Timer]]) -> None:
    """Those of one PBX, until it is found to be out."""
    for job in jobs:
        kind, subject = job[0].kind, job[0].subject
        try:
            await (AT_ONCE[kind](desk, job) if kind in AT_ONCE else HANDLERS[kind](desk, job[0]))
        except DatabaseUnavailable:
            raise
        except PbxError as error:
            await pbx_troubles.note(desk, subject.partition(" ")[0], error)
            await _put_off(desk, job, error.retry_after if isinstance(error, RateLimited) else timedelta())
            return
        except Exception:  # one bad timer must not stop the others
            log.exception("a timer failed", kind=kind)
            await _put_off(desk, job, LONGEST_PAUSE)


async def _put_off(desk: Desk, job: Sequence[Timer], at_least: timedelta) -> None:
    """Those of the job that have neither ended nor been put off by then."""
    async with desk.db.write() as tx:
        now_are = await memory.timers_named(tx, job[0].kind, [timer.subject for timer in job])
        for timer in job:
            fails = timer.data.get("fails", 0) + 1
            pause = min(FIRST_PAUSE * 2 ** min(fails - 1, 10), LONGEST_PAUSE)
            now_is = now_are.get(timer.subject, timer)  # it may have written something down
            timer = replace(timer, data=now_is.data)
            await memory.put_off(tx, timer, desk.clock.now() + max(pause, at_least), fails=fails)
