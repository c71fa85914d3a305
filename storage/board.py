"""What the board asks for beside what other subjects have: whether anything has changed, whom a word means."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select, union_all

from storage.database import Tx
from storage.ratings import Rating
from storage.tables import calls, cases, contacts, is_open, live_calls, ratings

#: Calls of each PBX that a search by some digits looks through: more would take too long to wait for.
LOOKED_THROUGH = 100_000
#: Differs whenever an open case, a call that goes on or a rating does.
Mark = tuple[int, datetime | None, int, datetime | None, int | None]


async def mark(tx: Tx, pbx_ids: Sequence[str]) -> Mark:
    """One query, for readers who ask again every few seconds: only what is open and going on is looked through.

    A case that is closed leaves the open ones fewer. A rating at another PBX makes it differ too; nothing is lost so.
    """
    open_here = cases.c.pbx_id.in_(pbx_ids), is_open
    query = select(
        select(func.count()).select_from(cases).where(*open_here).scalar_subquery(),
        select(func.max(cases.c.touched_at)).where(*open_here).scalar_subquery(),
        select(func.count()).select_from(live_calls).where(live_calls.c.pbx_id.in_(pbx_ids)).scalar_subquery(),
        select(func.max(live_calls.c.at)).where(live_calls.c.pbx_id.in_(pbx_ids)).scalar_subquery(),
        select(func.max(ratings.c.id)).scalar_subquery(),
    )
    counted, touched, going_on, news, rated = (await tx.execute(query)).one()
    return counted, touched, going_on, news, rated


async def numbers_named(tx: Tx, word: str, limit: int) -> list[str]:
    """The numbers of contacts whose name holds `word`.

    SQLite's LIKE knows no case beyond ASCII, so a word is looked for in the forms that people write.
    """
    forms = {word, word.lower(), word.upper(), word.title(), word.capitalize()}
    holds = or_(*(contacts.c.name.contains(form, autoescape=True) for form in sorted(forms)))
    query = select(contacts.c.number).where(holds).order_by(contacts.c.name, contacts.c.number).limit(limit)
    return list((await tx.execute(query)).scalars())


async def numbers_holding(tx: Tx, digits: str, pbx_ids: Sequence[str], limit: int) -> list[str]:
    """Clients of the latest calls at these PBXs whose number holds these digits, who called last at the top."""
    began = calls.c.started_at
    each = [select(calls.c.client, began).where(calls.c.pbx_id == one).order_by(began.desc()) for one in pbx_ids]
    latest = union_all(*(select(one.limit(LOOKED_THROUGH).subquery()) for one in each)).subquery()
    holds = select(latest.c.client).where(latest.c.client.contains(digits, autoescape=True))
    newest_first = holds.group_by(latest.c.client).order_by(func.max(latest.c.started_at).desc(), latest.c.client)
    return list((await tx.execute(newest_first.limit(limit))).scalars())


async def latest_ratings(tx: Tx, pbx_ids: Sequence[str], limit: int) -> list[Rating]:
    query = select(ratings).where(ratings.c.pbx_id.in_(pbx_ids))
    rows = await tx.execute(query.order_by(ratings.c.at.desc(), ratings.c.id.desc()).limit(limit))
    return [Rating(**row._mapping) for row in rows]
