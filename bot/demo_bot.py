"""The bot of the demo: the program itself, but for its clock, of which the demo's page may skip a part.

`python -m bot.demo_bot ringdesk.toml time`. What `ringdesk run` runs has no such clock.
"""

import asyncio
import sys
from pathlib import Path

from bot import cli
from desk.clock import SystemClock
from sandbox.skipped_time import SkippedTime


class DemoClock(SystemClock):
    """Ahead of the machine's by what was skipped; a sleep takes as long as ever."""

    def __init__(self, time: SkippedTime) -> None:
        self.now = time.now  # type: ignore[method-assign]


def main(config: str, time: str) -> int:
    settings = cli.settings_of(Path(config))
    return asyncio.run(cli.run_until_stopped(settings, DemoClock(SkippedTime(Path(time)))))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
