"""What a run showed, for the table of `docs/reliability.md`: written only where `./run reliability` asks for it."""

import json
import os
import time
from pathlib import Path


def note(run: str, database_url: str, **figures: object) -> None:
    """A row: what was run, on which database, and its figures."""
    if report := os.environ.get("RINGDESK_REPORT"):
        database = "SQLite" if database_url.startswith("sqlite") else "PostgreSQL"
        with Path(report).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"run": run, "database": database, **figures}) + "\n")


class Stopwatch:
    """Real seconds: other processes are waited for."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        return round(time.monotonic() - self._began, 1)


def table(rows: list[dict[str, object]]) -> str:
    """The rows as Markdown."""
    lines = ["| run | database | what happened |", "|---|---|---|"]
    for row in rows:
        figures = [f"{name.replace('_', ' ')}: {value}" for name, value in row.items() if name not in _NAMES]
        lines.append(f"| {row['run']} | {row['database']} | {', '.join(figures)} |")
    return "\n".join(lines)


_NAMES = ("run", "database")


if __name__ == "__main__":
    written = Path(os.environ["RINGDESK_REPORT"]).read_text(encoding="utf-8").splitlines()
    print(table([json.loads(line) for line in written]))
