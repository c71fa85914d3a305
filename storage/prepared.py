"""Statements that are asked all day: made once, and given to SQLite's driver as they are.

To make a statement, to find what it was compiled to and to wrap its rows takes SQLAlchemy ten times as long as SQLite
takes to answer. What is about many at once, and all of it on PostgreSQL, goes through SQLAlchemy as ever.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, Table, UpdateBase, bindparam, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

from storage.database import Tx, sqlite_driver
from storage.one_hop import Answer

#: Rows to be written, and values in a list, up to which the driver gets them.
FEW = 128
#: Each length of a list is a text of its own: what is longer than the first of these is filled up to one of them.
LENGTHS = (8, 16, 32, 64, FEW)

Values = Mapping[str, Any]
Row = Sequence[Any]
Statement = Select[Any] | UpdateBase
#: What a database is asked with: its values are found in those that were named.
_Given = Callable[[Values], Any]
_Process = Callable[[Any], Any]


def among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Whether the column is one of the values in the list `name`."""
    return column.in_(bindparam(name, type_=column.type, expanding=True))


class Prepared:
    """A statement whose values are named: by `bindparam` and `among`, an INSERT's by its columns.

    A row's values stand in the order of the columns that the statement names. Made by a function, it is given the
    INSERT that knows ON CONFLICT.
    """

    def __init__(self, made: Statement | Callable[[Any], Statement]) -> None:
        self._made = made
        self._for: dict[str, Statement] = {}
        self._compiled: _Compiled | None = None

    async def rows(self, tx: Tx, **values: Any) -> Sequence[Row]:
        answer = await self._answer(tx, values)
        if answer is None or self._compiled is None:
            return (await tx.execute(self._statement(tx.dialect), values)).all()
        return self._compiled.read(answer.rows)

    async def row(self, tx: Tx, **values: Any) -> Row | None:
        """The first that there is."""
        found = await self.rows(tx, **values)
        return found[0] if found else None

    async def column(self, tx: Tx, **values: Any) -> list[Any]:
        """The first value of each row."""
        return [row[0] for row in await self.rows(tx, **values)]

    async def count(self, tx: Tx, **values: Any) -> int:
        """Carry it out; how many rows it changed."""
        answer = await self._answer(tx, values)
        return answer.rowcount if answer else (await tx.execute(self._statement(tx.dialect), values)).rowcount

    async def each(self, tx: Tx, many: Sequence[Values]) -> list[Row]:
        """Carry it out with each of these values; the rows that it returns, if it does."""
        if len(many) <= FEW and tx.dialect.name == "sqlite":
            return [row for values in many for row in await self.rows(tx, **values)]
        result = await tx.execute(self._statement(tx.dialect), list(many))
        return list(result.all()) if result.returns_rows else []

    def _statement(self, dialect: Dialect) -> Statement:
        if dialect.name not in self._for:
            insert = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
            self._for[dialect.name] = self._made(insert) if callable(self._made) else self._made
        return self._for[dialect.name]

    async def _answer(self, tx: Tx, values: Values) -> Answer | None:
        """What SQLite's driver says; None where it is SQLAlchemy's turn."""
        if tx.dialect.name != "sqlite":
            return None
        if self._compiled is None:
            self._compiled = _Compiled(self._statement(tx.dialect), tx.dialect, values)
        values = self._compiled.filled_up(values)
        text = self._compiled.text(values)
        if text is None:
            return None
        return await sqlite_driver(tx).asked(text.sql, tuple([given(values) for given in text.given]))


class _Text:
    """A statement as SQLite reads it, for lists of certain lengths."""

    __slots__ = ("given", "sql")

    def __init__(self, sql: str, given: Sequence[_Given]) -> None:
        self.sql, self.given = sql, given


class _Compiled:
    """A statement in SQLite's words."""

    def __init__(self, statement: Statement, dialect: Dialect, values: Values) -> None:
        self._dialect = dialect
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(values) if statement.is_insert else None)
        self._compiled = compiled
        self._bound: dict[str, BindParameter[Any]] = compiled.binds
        self._defaults = {column.key: _default(column.default) for column in compiled.insert_prefetch}
        self._lists = [name for name, bound in self._bound.items() if bound.expanding and bound.required]
        self._texts: dict[tuple[int, ...], _Text] = {}
        columns = [one.type.dialect_impl(dialect) for one in statement.exported_columns]
        readers = [one.result_processor(dialect, None) for one in columns]
        self._readers = readers if any(readers) else None

    def filled_up(self, values: Values) -> Values:
        """With lists of few different lengths: naming a value twice asks for nothing else."""
        longer = {name: filled for name in self._lists if (filled := _filled_up(values[name]))}
        return {**values, **longer} if longer else values

    def text(self, values: Values) -> _Text | None:
        """None if there is too much in a list."""
        lengths = tuple([len(values[name]) for name in self._lists])
        found = self._texts.get(lengths)
        if found is None and max(lengths, default=0) <= FEW:
            state = self._compiled.construct_expanded_state(values)
            found = self._texts[lengths] = _Text(state.statement, list(self._given(state)))
        return found

    def read(self, rows: Sequence[Row]) -> Sequence[Row]:
        if self._readers is None:
            return rows
        return [
            tuple([read(value) if read else value for read, value in zip(self._readers, row, strict=True)])
            for row in rows
        ]

    def _given(self, state: Any) -> Iterator[_Given]:
        """Where each value comes from, in the order of the marks."""
        listed = {one: (name, at) for name, ones in state.parameter_expansion.items() for at, one in enumerate(ones)}
        for one in state.positiontup:
            name, at = listed.get(one, (one, None))
            bound = self._bound[name]
            process = bound.type.dialect_impl(self._dialect).bind_processor(self._dialect) or _as_it_is
            if bound.required:
                yield _named(name, process) if at is None else _in_list(name, at, process)
            else:
                said: Any = self._defaults.get(name, bound.effective_value)
                yield _always(process(said if at is None else said[at]))


@cache
def _setting(table: Table, *columns: str) -> Prepared:
    fresh = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in columns}
    return Prepared(update(table).where(table.c.id == bindparam("row_id")).values(fresh))


async def change(tx: Tx, table: Table, row_id: int, **values: Any) -> None:
    """Set some columns of the row with this `id`."""
    await _setting(table, *values).count(
        tx, row_id=row_id, **{f"new_{name}": value for name, value in values.items()}
    )


def _filled_up(values: Sequence[Any]) -> Sequence[Any] | None:
    """None where nothing is to be done."""
    if not LENGTHS[0] < len(values) < FEW:
        return None
    length = next(one for one in LENGTHS if one >= len(values))
    return [*values, *[values[-1]] * (length - len(values))] if length > len(values) else None


def _default(default: Any) -> Any:
    return default.arg if default.is_scalar else default.arg(None)


def _as_it_is(value: Any) -> Any:
    return value


def _named(name: str, process: _Process) -> _Given:
    return lambda values: process(values[name])


def _in_list(name: str, at: int, process: _Process) -> _Given:
    return lambda values: process(values[name][at])


def _always(value: Any) -> _Given:
    return lambda _: value
