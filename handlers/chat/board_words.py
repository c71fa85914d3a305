"""The manager's board in words: plain text and numbers for a page that only puts them in their places."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from desk.access import Rank, Who
from desk.board import CASES, LEAST, Board, Colleague, Found
from desk.calling import Asked
from desk.case_acts import Act
from desk.case_view import CaseView
from desk.office import Desk
from desk.views import RatingView, SummaryView
from handlers.chat import acting, calling, claim_words, heard, reading, summary_picture, summary_text
from handlers.chat.cards import ICONS, REASONS, outcome_words, reason_words, title
from handlers.chat.history import ICONS as CALL_ICONS
from handlers.chat.pbx_words import lacks, trouble
from handlers.chat.texts import Html, Texts
from pbx import numbers
from pbx.errors import PbxError
from pbx.phone_system import PhoneSystem
from pbx.vocabulary import Direction
from storage.cases import CaseRow

Said = dict[str, Any]
#: What is said to somebody, and whether it went as they wished.
Told = tuple[str, bool]


def plain(words: object) -> str:
    """The page puts everything in as text, so nothing is escaped for it."""
    return str(words.unescape()) if isinstance(words, Html) else str(words)


@dataclass(frozen=True, slots=True)
class BoardWords:
    """A language and the office's time zone."""

    desk: Desk = field(repr=False)  # it counts: it is another one with every request
    language: str

    @property
    def say(self) -> Texts:
        return Texts(self.language, self.desk.office.timezone)

    @property
    def reasons(self) -> tuple[str, ...]:
        return REASONS

    def page(self) -> Said:
        """What stands on the page whatever happens."""
        return {name: plain(words) for name, words in _page(self.say).items()} | {
            "language": self.language,
            "reasons": [[one, plain(reason_words(one, self.say))] for one in REASONS],
        }

    # What there is to see

    def board(self, shown: Board, reader: Who, now: datetime) -> Said:
        say = self.say
        waiting = say.count("{n} client waits for a call", "{n} clients wait for a call", shown.total)
        return {
            "headline": plain(waiting if shown.total else say("🟢 Nobody waits for a call.")),
            "total": shown.total,
            "more": plain(say.count("… and {n} more: /missed", "… and {n} more: /missed", shown.total - CASES))
            if shown.total > CASES
            else "",
            "cases": [self._case(one, reader, now) for one in shown.open],
            "ratings": [self._rating(one, now) for one in shown.ratings],
            "people": self._people(shown.colleagues),
        }

    def _case(self, view: CaseView, reader: Who, now: datetime) -> Said:
        say, case = self.say, view.case
        times, attempts = case.missed_count, len(view.attempts)
        about = [
            say("waits {span}", span=say.duration(now - case.opened_at)),
            say.count("called {n} time", "called {n} times", times) if times > 1 else None,
            say.count("{n} attempt", "{n} attempts", attempts) if attempts else None,
            case.department,
            say("PBX {pbx}", pbx=view.pbx_name) if view.pbx_name else None,
        ]
        ringing = [say("📲 {who} is calling ({time})", who=one.who, time=say.clock(one.at)) for one in view.ringing]
        return {
            "id": case.id,
            "icon": ICONS[view.state],
            "client": plain(title(view, say)),
            "number": plain(say.number(case.client)),
            "about": " · ".join(plain(one) for one in about if one),
            "owner": [plain(one) for one in [*claim_words.lines(view, say, now), *ringing]],
            "acts": _acts(view, reader),
        }

    def _rating(self, view: RatingView, now: datetime) -> Said:
        say, one = self.say, view.rating
        number = say.number(one.client)
        client = say("{name}, {number}", name=view.client_name, number=number) if view.client_name else number
        about = [view.employee, say.when(one.at, now), say("PBX {pbx}", pbx=view.pbx_name) if view.pbx_name else None]
        return {
            "stars": plain(heard.stars(one.stars, say)),
            "client": plain(client),
            "about": " · ".join(plain(part) for part in about if part),
        }

    def _people(self, colleagues: Iterable[Colleague]) -> list[Said]:
        """Somebody who is linked at several PBXs is one person."""
        rows: dict[tuple[str, str], Said] = {}
        for one in colleagues:
            member, told = one.member, self._colleague(one)
            known = rows.setdefault((member.name, member.user or f"{member.pbx_id} {member.login}"), told)
            if not known["state"]:
                known.update(icon=told["icon"], state=told["state"])
        return list(rows.values())

    def _colleague(self, one: Colleague) -> Said:
        say, member = self.say, one.member
        if one.talks_since:
            icon, state = "📞", say("on the phone since {time}", time=say.clock(one.talks_since))
        elif one.rings:
            icon, state = "🔔", say("the phone rings")
        elif one.off_until:
            icon, state = "🔕", say("no calls until {time}", time=say.clock(one.off_until))
        elif member.paused_since:
            icon, state = "⏸", say("on a pause since {time}", time=say.clock(member.paused_since))
        else:
            icon, state = "", Html()
        return {
            "name": " · ".join(part for part in (member.name, member.extension) if part),
            "icon": icon,
            "state": plain(state),
            "telegram": member.user or plain(say("not linked")),
        }

    def today(self, view: SummaryView) -> Said:
        """Numbers with their names, and what the picture says to those who can't see it."""
        say, summary = self.say, view.summary
        calls = summary.calls
        usual = summary.returns.median
        tiles = [
            (say("incoming calls"), calls.incoming),
            (say("answered"), f"{summary_text.percent(calls)}%" if calls.share_answered is not None else None),
            (say("missed calls"), calls.missed),
            (say("still waiting"), summary.still_open),
            (say("called back, usually after"), say.duration(usual) if usual is not None else None),
            (say("outgoing calls"), calls.outgoing),
            (say("average rating"), summary_text.average(summary.ratings, say) if summary.ratings.count else None),
        ]
        return {
            "tiles": [[plain(name), plain(told)] for name, told in tiles if told is not None],
            "picture": plain(self._about(view)) if calls.incoming else "",
        }

    def _about(self, view: SummaryView) -> Html:
        assert view.days.period is not None
        return reading.period_name(view.days.period, self.say, self.desk.clock.now())

    async def picture(self, view: SummaryView) -> bytes | None:
        """The summary's own."""
        drawn = await summary_picture.of(view, plain(self._about(view)), self.say)
        return drawn.data if drawn else None

    def found(self, calls: list[Found], now: datetime, *, searched: bool) -> Said:
        say = self.say
        nothing = say("Nothing found. Type a name, or at least {n} digits of a number.", n=LEAST)
        none = nothing if searched else say("No calls yet.")
        return {"calls": [self._found(one, now) for one in calls], "none": "" if calls else plain(none)}

    def _found(self, one: Found, now: datetime) -> Said:
        say, call = self.say, one.stored.call
        number = say.number(call.client)
        missed = call.direction is Direction.IN and call.is_missed
        ending = say("missed") if missed else outcome_words(call.outcome, call.status, say)
        about = [
            one.employee or call.department,
            say("talked {span}", span=say.duration(call.talked)) if call.talked else ending,
            say("PBX {pbx}", pbx=one.pbx_name) if one.pbx_name else None,
        ]
        return {
            "icon": CALL_ICONS.get((call.direction, call.is_answered), "❔"),
            "when": plain(say.when(call.started_at, now)),
            "client": plain(say("{name}, {number}", name=one.client_name, number=number))
            if one.client_name
            else number,
            "about": " · ".join(plain(part) for part in about if part),
        }

    # What is answered

    def not_signed(self, *, too_old: bool) -> str:
        if too_old:
            return plain(self.say("This board was opened more than a day ago. Close it and open it again."))
        return plain(self.say("Open the board from a chat with me in Telegram: only so I know who you are."))

    def refused(self, reader: Who) -> str:
        """To somebody who is shown nothing."""
        if reader.is_shut_out:
            return plain(acting.shut_out(self.say))
        words = acting.not_employee if reader.rank < Rank.EMPLOYEE else acting.not_linked
        return plain(words(self.say))

    def gone(self) -> str:
        return plain(self.say("This case is gone."))

    def asked(self, asked: Asked, pbx: PhoneSystem, number: str) -> Told:
        return plain(calling.words(asked, self.say, pbx, number)), asked.result in calling.AS_WISHED

    def not_linked(self) -> str:
        return plain(acting.not_linked(self.say))

    def lacks(self, what: str, pbx: PhoneSystem) -> str:
        return plain(lacks(what, self.say, pbx))

    def trouble(self, error: PbxError, pbx: PhoneSystem) -> str:
        return plain(trouble(error, self.say, pbx))

    def acted(self, done: Act, act: str, case: CaseRow | None, reader: Who, holder: str, reason: str) -> Told:
        """How an act on a case went; `holder` has it now."""
        say = self.say
        if done is Act.DONE:
            return plain(_done(say, reason)[act]), True
        if done is Act.NOBODYS:
            return plain(say("Nobody has it: anybody may take it.")), False
        if done is Act.ALREADY and case and case.claimed_by == reader.user_id:
            return plain(say("It is yours already.")), True
        if done in (Act.ALREADY, Act.TAKEN) and case:
            time = say.clock(case.claimed_at or self.desk.clock.now())
            words = say(
                "{name} has taken it at {time}. Talk to them; they or a manager can give it back.",
                name=holder,
                time=time,
            )
            return plain(words), False
        return plain(say("This case is closed already: the card shows how.") if case else self.gone()), False

    def blocked(self, number: str) -> str:
        shown = numbers.display(number)
        return plain(self.say("🚫 {number} is blocked: its calls no longer reach us.", number=shown))

    def unblocked(self, number: str) -> str:
        shown = numbers.display(number)
        return plain(self.say("✅ {number} is unblocked: its calls reach us again.", number=shown))


def _acts(view: CaseView, reader: Who) -> list[str]:
    """What this reader is offered; every act is checked again when it is asked for."""
    case = view.case
    is_theirs = case.claimed_by == reader.user_id or reader.rank >= Rank.MANAGER
    offered = {
        "call": view.can_call and reader.login_at(case.pbx_id) is not None,
        "claim": case.claimed_by is None,
        "release": case.claimed_by is not None and is_theirs,
        "handled": True,
        "block": view.can_block,
    }
    return [act for act, may in offered.items() if may]


def _done(say: Texts, reason: str) -> Mapping[str, Html]:
    return {
        "claim": say("It is yours. Your name is on the card now."),
        "release": say("It is nobody's now: anybody may take it."),
        "handled": say("Closed: {reason}.", reason=reason_words(reason, say)),
    }


def _page(say: Texts) -> Mapping[str, Html]:
    return {
        "title": say("Board"),
        "sections": say("Parts of the board"),
        "open": say("Waiting"),
        "today": say("Today"),
        "history": say("History"),
        "ratings": say("Ratings"),
        "people": say("People"),
        "call": say("📞 Call back"),
        "claim": say("🙋 Mine"),
        "release": say("🙅 Not mine any more"),
        "handled": say("✅ Handled"),
        "block": say("🚫 Block"),
        "sure": say("🚫 Block {number}: sure?", number="{number}"),
        "undo": say("↩️ Unblock"),
        "back": say("↩️ Back"),
        "search": say("Name or number"),
        "find": say("Find"),
        "no_ratings": say("Nobody has rated a call yet."),
        "no_people": say("No employees are known yet."),
        "not_live": say("No connection. What you see may be out of date."),
        "failed": say("That did not arrive. Try again."),
    }
