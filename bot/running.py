"""Runs the bot until it is told to stop: apart from the command line, whose library takes as long as our door."""

import asyncio
import gc
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from bot import importing

if TYPE_CHECKING:
    from bot.settings import Settings
    from desk.clock import Clock

#: Seconds from SIGTERM to the end, come what may; the contract allows ten.
STOPS_WITHIN = 9.0
#: The exit status for a configuration that can't be used.
BAD_CONFIGURATION = 2


def run(config: Path) -> int:
    """The exit status."""
    gc.disable()  # what is imported stays: the collector would look through it in vain, again and again
    with importing.without("rich", "pygments", "click"):
        settings = settings_of(config)
    return asyncio.run(run_until_stopped(settings))


def settings_of(path: Path) -> "Settings":
    """The checked configuration; logs are set up as it says. Exits with status 2 and a line a trouble."""
    from bot.settings import BadSettings, load

    try:
        settings = load(path)
    except BadSettings as bad:
        from bot.operator_words import in_this_machines_words

        print(in_this_machines_words(path, bad), file=sys.stderr)
        sys.exit(BAD_CONFIGURATION)
    from bot.logs import configure

    configure(settings.log, secrets_of(settings))
    return settings


def secrets_of(settings: "Settings") -> list[str]:
    """Every secret of the configuration, to be kept out of logs."""
    from pydantic import SecretStr

    parts = [settings.telegram, settings.database, *settings.pbx]
    values = [value for part in parts for value in dict(part).values() if isinstance(value, SecretStr)]
    addresses = [settings.database.url, settings.telegram.proxy, *(one.proxy for one in settings.pbx)]
    passwords = [url.partition("://")[2].rpartition("@")[0].partition(":")[2] for url in addresses]
    return [value.get_secret_value() for value in values] + passwords


async def run_until_stopped(settings: "Settings", clock: "Clock | None" = None) -> int:
    """The program until SIGTERM or SIGINT; its exit status."""
    from bot.app import App
    from storage.alone import AlreadyServed
    from storage.database import DatabaseUnavailable

    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()

    def told_to_stop() -> None:
        stopping.set()
        # Whatever hangs then, an import or a thread, holds nothing that is not on disk.
        deadline = threading.Timer(STOPS_WITHIN, os._exit, args=(0,))
        deadline.daemon = True
        deadline.start()

    for told in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(told, told_to_stop)
    app = App(settings, clock)
    try:
        await app.start()
        await stopping.wait()
    except (AlreadyServed, DatabaseUnavailable, OSError) as broken:
        from bot.operator_words import why_not

        print(why_not(settings, broken), file=sys.stderr)
        return 1
    finally:
        await app.stop()
    return 0
