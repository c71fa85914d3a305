"""What the board door needs in words. The chat door has them; `bot/` hands them in, so the doors stay blind."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Protocol

from desk.access import Who
from desk.board import Board, Found
from desk.calling import Asked
from desk.case_acts import Act
from desk.views import SummaryView
from pbx.errors import PbxError
from pbx.phone_system import PhoneSystem
from storage.cases import CaseRow

Said = dict[str, Any]
#: What is said to somebody, and whether it went as they wished.
Told = tuple[str, bool]


class Wording(Protocol):
    """Everything that is said on the board, in one language, as plain text."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """For closing a case by hand."""

    def page(self) -> Said: ...

    def board(self, shown: Board, reader: Who, now: datetime) -> Said: ...

    def today(self, view: SummaryView) -> Said: ...

    async def picture(self, view: SummaryView) -> bytes | None:
        """A PNG; None where there is nothing to draw."""

    def found(self, calls: list[Found], now: datetime, *, searched: bool) -> Said: ...

    def not_signed(self, *, too_old: bool) -> str: ...

    def refused(self, reader: Who) -> str: ...

    def gone(self) -> str: ...

    def asked(self, asked: Asked, pbx: PhoneSystem, number: str) -> Told: ...

    def not_linked(self) -> str: ...

    def lacks(self, what: str, pbx: PhoneSystem) -> str: ...

    def trouble(self, error: PbxError, pbx: PhoneSystem) -> str: ...

    def acted(self, done: Act, act: str, case: CaseRow | None, reader: Who, holder: str, reason: str) -> Told: ...

    def blocked(self, number: str) -> str: ...

    def unblocked(self, number: str) -> str: ...


#: The words in the language that somebody has chosen; None: in the office's.
Voices = Callable[[str | None], Awaitable[Wording]]
