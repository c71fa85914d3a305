"""`ringdesk run` under asyncio's debugging, which tells of what held the loop so long. `… CONFIG MILLISECONDS`.

The debugging itself slows what it watches two to three times.
"""

import asyncio
import sys
from pathlib import Path

from bot.running import run_until_stopped, settings_of


async def watched(config: Path, milliseconds: float) -> int:
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = milliseconds / 1000
    return await run_until_stopped(settings_of(config))


if __name__ == "__main__":
    sys.exit(asyncio.run(watched(Path(sys.argv[1]), float(sys.argv[2]))))
