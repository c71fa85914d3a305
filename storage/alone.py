"""One SQLite database serves one process: the second is told so, instead of two sending everything twice."""

import fcntl
import os
from pathlib import Path

from storage.driver import file_of


class AlreadyServed(Exception):
    """Another process works on this database; `pid` if it has left its number."""

    def __init__(self, file: Path, pid: str) -> None:
        self.file = file
        self.pid = pid
        who = f"process {pid}" if pid else "another process"
        super().__init__(f"{file} is in use by {who}")


class Alone:
    """Holds the lock beside the database file until `close`, or until the process ends, however it ends."""

    def __init__(self, url: str) -> None:
        self._file = file_of(url)
        self._lock: int | None = None

    def take(self) -> None:
        """Raises `AlreadyServed`, and `OSError` where the folder can't be written."""
        if self._file is None:
            return
        lock = os.open(f"{self._file}.lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.read(lock, 20).decode("ascii", "replace").strip()
            os.close(lock)
            raise AlreadyServed(self._file, pid) from None
        os.truncate(lock, 0)
        os.write(lock, str(os.getpid()).encode())
        self._lock = lock

    def close(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
