"""What the board asks for beside what other subjects have: whether anything has changed, whom a word means."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select

from storage.cases import OPEN
from storage.database import Tx
from storage.ratings import Rating
from storage.tables import calls, cases, contacts, live_calls, ratings

#: Differs whenever a case, a call that goes on or a rating does.
Mark = tuple[int, datetime | None, int, datetime | None, int | None]


async def mark(tx: Tx, pbx_ids: Sequence[str]) -> Mark:
    """One query, for readers who ask again every few seconds."""
    open_here = cases.c.pbx_id.in_(pbx_ids), cases.c.state.in_(OPEN)
    query = select(
        select(func.count()).select_from(cases).where(*open_here).scalar_subquery(),
        select(func.max(cases.c.touched_at)).where(cases.c.pbx_id.in_(pbx_ids)).scalar_subquery(),
        select(func.count()).select_from(live_calls).where(live_calls.c.pbx_id.in_(pbx_ids)).scalar_subquery(),
        select(func.max(live_calls.c.at)).where(live_calls.c.pbx_id.in_(pbx_ids)).scalar_subquery(),
        select(func.max(ratings.c.id)).where(ratings.c.pbx_id.in_(pbx_ids)).scalar_subquery(),
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
    """Clients of these PBXs whose number holds these digits, who called last at the top."""
    holds = calls.c.pbx_id.in_(pbx_ids), calls.c.client.contains(digits, autoescape=True)
    query = select(calls.c.client).where(*holds).group_by(calls.c.client)
    newest_first = query.order_by(func.max(calls.c.started_at).desc(), calls.c.client).limit(limit)
    return [client for client in (await tx.execute(newest_first)).scalars() if client]


async def latest_ratings(tx: Tx, pbx_ids: Sequence[str], limit: int) -> list[Rating]:
    query = select(ratings).where(ratings.c.pbx_id.in_(pbx_ids))
    rows = await tx.execute(query.order_by(ratings.c.at.desc(), ratings.c.id.desc()).limit(limit))
    return [Rating(**row._mapping) for row in rows]
