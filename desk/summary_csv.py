"""The calls of a period for a spreadsheet: read page by page, in parts that a file can hold. No wording here."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

from desk.office import Desk
from desk.periods import Span
from storage import exports, people
from storage.exports import ExportedCall, Key

#: Calls read at once.
PAGE = 1_000
#: Calls in one file: some eight megabytes, and no spreadsheet has fewer rows.
PART = 50_000
#: Calls that are given out at all; who wants more asks for a shorter period.
MOST = 4 * PART


@dataclass(slots=True)
class Part:
    """One file's worth of calls. It may be read again from its beginning; `reached` is where it ended."""

    desk: Desk
    pbx_ids: tuple[str, ...]
    span: Span
    employee: str | None = None
    """A login; None for everybody."""
    after: Key | None = None
    reached: Key | None = field(default=None, init=False)

    async def count(self) -> int:
        """Calls in all parts. Raises `DatabaseUnavailable`."""
        async with self.desk.db.read() as tx:
            return await exports.count(tx, self.pbx_ids, self.span.start, self.span.end, self.employee)

    async def pages(self) -> AsyncIterator[list[ExportedCall]]:
        """The calls, oldest first, employees by their names. Raises `DatabaseUnavailable`."""
        async with self.desk.db.read() as tx:
            names = {pbx_id: await people.employee_names(tx, pbx_id) for pbx_id in self.pbx_ids}
        self.reached = self.after
        for _ in range(PART // PAGE):
            async with self.desk.db.read() as tx:
                found = await exports.page(
                    tx,
                    self.pbx_ids,
                    self.span.start,
                    self.span.end,
                    self.employee,
                    after=self.reached,
                    limit=PAGE,
                )
            if not found:
                return
            self.reached = found[-1].key
            yield [
                replace(one, employee=names[one.pbx_id].get(one.employee, one.employee)) if one.employee else one
                for one in found
            ]

    @staticmethod
    def parts(count: int) -> int:
        """How many files so many calls take."""
        return -(-count // PART)

    def next(self) -> "Part":
        """What comes after it, once it has been read."""
        return replace(self, after=self.reached)
