"""What is done on the board about a case: the same acts with the same rights as on its card in the chat."""

from collections.abc import Awaitable, Callable
from secrets import token_hex

from aiohttp import web

from desk import blacklist, board, calling, case_acts
from desk.access import Rank
from desk.case_acts import Act
from desk.office import Desk
from handlers.board.routes import DOOR
from handlers.board.visitor import Refused, Visitor, body_of
from handlers.board.wording import Said
from pbx.errors import PbxError
from storage import cases, people
from storage.cases import CaseRow

#: A database can't be asked for more.
LARGEST_ID = 2**63 - 1
#: Characters of a wish's own name, which the page makes up.
LONGEST_ONCE = 40


async def act(request: web.Request, visitor: Visitor) -> web.Response:
    """`told`: what to say; `fine`: whether it went as wished. What comes from the page may name anything."""
    desk = request.app[DOOR].desk
    case = await _case(desk, request.match_info["case"])
    does = _ACTS.get(request.match_info["act"])
    if does is None or case is None or case.pbx_id not in visitor.pbx_ids:
        raise Refused(404, visitor.words.gone())
    said = await does(desk, visitor, case, await body_of(request))
    desk.deliveries.ring()
    return web.json_response(said)


async def _case(desk: Desk, named: str) -> CaseRow | None:
    if not (named.isascii() and named.isdigit() and 0 < int(named[:20]) <= LARGEST_ID):
        return None
    async with desk.db.read() as tx:
        return await cases.get(tx, int(named[:20]))


async def _call(desk: Desk, visitor: Visitor, case: CaseRow, said: Said) -> Said:
    pbx, words = desk.pbxes[case.pbx_id], visitor.words
    login = visitor.who.login_at(pbx.id)
    if not case.is_open or case.client is None:
        return await _answer(desk, visitor, Act.CLOSED, "call", case)
    if not pbx.capabilities.call_back:
        raise Refused(409, words.lacks("way to start a call", pbx))
    if login is None:
        raise Refused(403, words.not_linked())
    once = f"board {visitor.who.user_id} {_once(said)}"
    asked = await calling.call(desk, pbx.id, visitor.who.user_id, login, case.client, once=once, case_id=case.id)
    told, fine = words.asked(asked, pbx, case.client)
    return {"told": told, "fine": fine}


def _once(said: Said) -> str:
    """The wish's own name; a page that gives none names it by chance."""
    named = "".join(one for one in str(said.get("once", ""))[:LONGEST_ONCE] if one.isascii() and one.isalnum())
    return named or token_hex(8)


async def _claim(desk: Desk, visitor: Visitor, case: CaseRow, said: Said) -> Said:
    user_id = visitor.who.user_id
    async with desk.db.write() as tx:
        chat_id = await board.chat_of(tx, case.pbx_id, user_id, visitor.chat_id)
        done, now_is = await case_acts.claim(desk, tx, case.id, user_id, chat_id)
    return await _answer(desk, visitor, done, "claim", now_is)


async def _release(desk: Desk, visitor: Visitor, case: CaseRow, said: Said) -> Said:
    force = visitor.who.rank >= Rank.MANAGER
    async with desk.db.write() as tx:
        done, now_is = await case_acts.release(desk, tx, case.id, visitor.who.user_id, force=force)
    return await _answer(desk, visitor, done, "release", now_is)


async def _handled(desk: Desk, visitor: Visitor, case: CaseRow, said: Said) -> Said:
    asked = said.get("reason")
    reason = next((one for one in visitor.words.reasons if one == asked), "other")
    async with desk.db.write() as tx:
        done, now_is = await case_acts.handle(desk, tx, case.id, visitor.who.user_id, reason)
    return await _answer(desk, visitor, done, "handled", now_is, reason)


async def _block(desk: Desk, visitor: Visitor, case: CaseRow, said: Said) -> Said:
    """The page has asked whether they are sure."""
    number = _number(desk, visitor, case)
    try:
        await blacklist.block(desk, case.pbx_id, number, visitor.who.name, visitor.who.user_id)
    except PbxError as error:
        raise Refused(502, visitor.words.trouble(error, desk.pbxes[case.pbx_id])) from None
    return {"told": visitor.words.blocked(number), "fine": True, "undo": case.id}


async def _unblock(desk: Desk, visitor: Visitor, case: CaseRow, said: Said) -> Said:
    number = _number(desk, visitor, case)
    try:
        await blacklist.unblock(desk, case.pbx_id, number, visitor.who.user_id)
    except PbxError as error:
        raise Refused(502, visitor.words.trouble(error, desk.pbxes[case.pbx_id])) from None
    return {"told": visitor.words.unblocked(number), "fine": True}


def _number(desk: Desk, visitor: Visitor, case: CaseRow) -> str:
    """Whom to block; what can't be is refused."""
    pbx = desk.pbxes[case.pbx_id]
    if case.client is None or not pbx.capabilities.blacklist:
        raise Refused(409, visitor.words.lacks("blacklist", pbx))
    return case.client


async def _answer(desk: Desk, visitor: Visitor, done: Act, what: str, case: CaseRow | None, reason: str = "") -> Said:
    async with desk.db.read() as tx:
        holder = await people.get(tx, case.claimed_by) if case and case.claimed_by else None
    name = holder.name if holder else "?"
    told, fine = visitor.words.acted(done, what, case, visitor.who, name, reason)
    return {"told": told, "fine": fine}


_ACTS: dict[str, Callable[[Desk, Visitor, CaseRow, Said], Awaitable[Said]]] = {
    "call": _call,
    "claim": _claim,
    "release": _release,
    "handled": _handled,
    "block": _block,
    "unblock": _unblock,
}
