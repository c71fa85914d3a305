"""A consistent copy of the database while it is worked on."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL

#: Seconds that a writer may keep us waiting.
PATIENCE = 30.0


class BackupFailed(Exception):
    """There is no copy, and why."""


class NoPgDump(BackupFailed):
    """PostgreSQL's own program is not there. `command` is what to run where it is."""

    def __init__(self, command: str) -> None:
        super().__init__("pg_dump is not installed here")
        self.command = command


def of_sqlite(source: Path, target: Path) -> None:
    """By SQLite's own backup: one snapshot, however much is written meanwhile. Checked before it gets its name."""
    part = _fresh_part(target)
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=PATIENCE)) as live,
            closing(sqlite3.connect(part)) as copy,
        ):
            live.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # the copy is one file
            [(said,)] = copy.execute("PRAGMA integrity_check(1)")
        if said != "ok":
            raise BackupFailed(f"the copy is damaged: {said}")
        _name(part, target)
    except sqlite3.Error as broken:
        raise BackupFailed(str(broken)) from None
    finally:
        part.unlink(missing_ok=True)


def of_postgres(url: URL, target: Path) -> None:
    """By `pg_dump`, one snapshot too, in its own format; read back by `pg_restore --list` before it gets its name."""
    part = _fresh_part(target)
    if shutil.which("pg_dump") is None:
        raise NoPgDump(" ".join([*(f"{name}={value}" for name, value in _shown(url).items()), *_dump(target)]))
    try:
        _run(_dump(part), os.environ | _environment(url))
        _run(["pg_restore", "--list", str(part)], dict(os.environ))
        _name(part, target)
    finally:
        part.unlink(missing_ok=True)


def _dump(target: Path) -> list[str]:
    return ["pg_dump", "--format=custom", "--no-owner", f"--file={target}"]


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupFailed(f"{command[0]}: {' '.join(done.stderr.split())[:500]}")


def _environment(url: URL) -> dict[str, str]:
    """Where the database is, for PostgreSQL's programs. Not as arguments: those are for every user to see."""
    host = url.host or url.query.get("host")
    values = {
        "PGHOST": host if isinstance(host, str) else None,
        "PGPORT": str(url.port) if url.port else None,
        "PGUSER": url.username,
        "PGPASSWORD": None if url.password is None else str(url.password),
        "PGDATABASE": url.database,
    }
    return {name: value for name, value in values.items() if value}


def _shown(url: URL) -> dict[str, str]:
    return {name: "…" if name == "PGPASSWORD" else value for name, value in _environment(url).items()}


def _fresh_part(target: Path) -> Path:
    """Nobody but us reads it: it holds everything about every client."""
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    return part


def _name(part: Path, target: Path) -> None:
    """On the disk first, then known by its name."""
    handle = os.open(part, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    part.replace(target)
