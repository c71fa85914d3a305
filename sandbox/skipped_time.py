"""Time that can be skipped: the machine's own plus what somebody left out, shared by processes in one file."""

from __future__ import annotations

import mmap
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

_SECONDS = struct.Struct("d")


class SkippedTime:
    """`now` is an aware UTC clock, ahead of the machine's by what was skipped. Whoever opens the file shares it."""

    def __init__(self, file: Path) -> None:
        if not file.exists() or file.stat().st_size != _SECONDS.size:
            file.write_bytes(_SECONDS.pack(0.0))
        with file.open("r+b") as opened:
            self._memory = mmap.mmap(opened.fileno(), _SECONDS.size)

    def now(self) -> datetime:
        (ahead,) = _SECONDS.unpack(self._memory[:])
        return datetime.now(UTC) + timedelta(seconds=ahead)

    def skip(self, span: timedelta) -> None:
        (ahead,) = _SECONDS.unpack(self._memory[:])
        self._memory[:] = _SECONDS.pack(ahead + span.total_seconds())

    def close(self) -> None:
        self._memory.close()
