"""`ringdesk demo`: the real bot in a process of its own, between a simulated Telegram and simulated PBXs.

Nothing here is pretended but the other ends: the bot reads a `ringdesk.toml`, is killed with a real kill -9 and
comes back to the database it left.
"""

import asyncio
import json
import os
import random
import signal
import socket
import sys
import tempfile
import tomllib
import webbrowser
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Self

import aiohttp
from aiohttp import web

from sandbox.demo_office import ANNA, TIMEZONE, WORLD_FILE, DemoOffice, set_up
from sandbox.page.server import page_app
from sandbox.page.stage import BotState, Pace, Stage
from sandbox.skipped_time import SkippedTime

HOST = "127.0.0.1"
LANGUAGES = ("en", "ru", "uk")
DATABASE, CONFIG, LOG, TIME = "ringdesk.db", "ringdesk.toml", "bot.log", "time"
STARTS_WITHIN, STOPS_WITHIN, ASK_AGAIN = 60.0, 6.0, 0.1
LOG_TAIL = 15
OWN_PORTS = range(20_000, 32_000)
NOTHING_TO_DO = {"ringdesk_inbox_waiting 0.0", "ringdesk_deliveries_due 0.0"}
Section = Mapping[str, object]


class DemoFailed(RuntimeError):
    """The demo can't go on; the text says why and what to do."""


class BotProcess:
    """`python -m bot.demo_bot` as the stage knows a bot. Only one start, kill or restart goes on at a time."""

    def __init__(self, folder: Path, port: int, language: str, write: Callable[[str], None]) -> None:
        self.on_change: Callable[[], None] = lambda: None
        self.language = language
        self._config, self._log, self._time = folder / CONFIG, folder / LOG, folder / TIME
        self._url = f"http://{HOST}:{port}"
        self._write = write
        self._process: asyncio.subprocess.Process | None = None
        self._watching: asyncio.Task[None] | None = None
        #: From the beginning: the page may be looked at before the first start has begun.
        self._starting = True
        self._one = asyncio.Lock()

    @property
    def state(self) -> BotState:
        return "starting" if self._starting else "up" if self._lives else "down"

    @property
    def _lives(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Returns when it answers; raises DemoFailed with the end of its log if it ends instead."""
        async with self._one:
            await self._start()

    async def ready(self) -> None:
        """Returns when it also has its database and Telegram; DemoFailed as for `start`."""
        if self._process:
            await self._answers(self._process, "/readyz")

    async def caught_up(self) -> None:
        """Returns once its own metrics count no event to be worked and no chat that is owed anything."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
            while self._lives:
                with suppress(aiohttp.ClientError, TimeoutError):
                    async with session.get(f"{self._url}/metrics") as response:
                        if {*(await response.text()).splitlines()} >= NOTHING_TO_DO:
                            return
                await asyncio.sleep(ASK_AGAIN)

    async def kill(self) -> None:
        """kill -9."""
        async with self._one:
            if self._process and self._lives:
                self._process.kill()
            await self._gone()

    async def stop(self) -> None:
        """Ask it to end, and end it if it doesn't."""
        async with self._one:
            await self._stop()

    async def speak(self, language: str) -> None:
        """A bot that runs is restarted with the other language; one that doesn't will start with it."""
        async with self._one:
            if language == self.language:
                return
            self.language = language
            self._write(language)
            if self._lives:
                await self._stop()
                await self._start()
            self.on_change()

    async def _start(self) -> None:
        if self._lives:
            return
        self._starting = True
        self.on_change()
        try:
            await self._launch()
        finally:
            self._starting = False
            self.on_change()

    async def _launch(self) -> None:
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot.demo_bot", str(self._config), str(self._time)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=_environment(os.environ),
                # Ctrl-C in the terminal is for us; we end it in our turn.
                start_new_session=True,
            )
        try:
            await self._answers(self._process, "/healthz")
        except BaseException:
            await self._stop()
            raise
        self._watching = asyncio.create_task(self._watch(self._process))

    async def _answers(self, process: asyncio.subprocess.Process, path: str) -> None:
        ended = asyncio.create_task(process.wait())
        answered = asyncio.create_task(_answered(self._url + path))
        try:
            done, _ = await asyncio.wait(
                {ended, answered}, timeout=STARTS_WITHIN, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            ended.cancel()
            answered.cancel()
        if answered not in done:
            why = "ended at once" if ended in done else f"did not answer within {STARTS_WITHIN:.0f} s"
            raise DemoFailed(f"The bot {why}. The end of {self._log}:\n{self._tail()}")

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        await process.wait()
        self.on_change()

    async def _stop(self) -> None:
        if self._process and self._lives:
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), STOPS_WITHIN)
            except TimeoutError:
                self._process.kill()
        await self._gone()

    async def _gone(self) -> None:
        if self._process:
            await self._process.wait()
        if self._watching:
            await self._watching
        self.on_change()

    def _tail(self) -> str:
        with self._log.open(encoding="utf-8", errors="replace") as log:
            return "".join(deque(log, LOG_TAIL))


async def _answered(url: str) -> None:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
        while True:
            with suppress(aiohttp.ClientError, TimeoutError, OSError):
                async with session.get(url) as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(ASK_AGAIN)


def _environment(ours: Mapping[str, str]) -> dict[str, str]:
    """Without settings meant for another bot, with this program's own code to be found."""
    kept = {name: value for name, value in ours.items() if not name.startswith("RINGDESK_")}
    home = str(Path(__file__).resolve().parents[1])
    return kept | {"PYTHONPATH": os.pathsep.join(filter(None, (home, kept.get("PYTHONPATH", ""))))}


class Demo:
    """Everything but the bot runs while entered; `begin` starts the bot and has the people set it up.

    `port` 0 finds a free one; `url` is the page's address.
    """

    def __init__(self, port: int, folder: Path, *, kept: bool, language: str, pace: Pace | None = None) -> None:
        self._port, self._folder = port, folder
        self._bot_port = _free_port()
        if not (folder / DATABASE).exists():
            # Chats without the database that knows them would show cards that nobody keeps true.
            (folder / WORLD_FILE).unlink(missing_ok=True)
        webhooks = f"http://{HOST}:{self._bot_port}"
        self._time = SkippedTime(folder / TIME)
        self.office = DemoOffice(webhook_base=webhooks, kept=folder if kept else None, now=self._time.now)
        self.bot = BotProcess(folder, self._bot_port, language, self._write)
        self.stage = Stage(self.office, self.bot, pace or Pace(), skip=self._time.skip)
        self.url = ""
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            stack.callback(self._time.close)
            await stack.enter_async_context(self.office)
            self._write(self.bot.language)
            self.office.speak(self.bot.language)
            await stack.enter_async_context(self.stage)
            stack.push_async_callback(self.bot.stop)
            runner = web.AppRunner(page_app(self.stage), access_log=None, shutdown_timeout=1.0)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            try:
                await web.TCPSite(runner, HOST, self._port).start()
            except OSError as taken:
                why = f"Port {self._port} can't be used ({taken.strerror}): try ringdesk demo --port {self._port + 1}"
                raise DemoFailed(why) from None
            self.url = f"http://{HOST}:{runner.addresses[0][1]}/"
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    async def begin(self) -> None:
        """Start the bot, then let the people set it up as far as they have not."""
        self.stage.settled.clear()
        try:
            await self.bot.start()
            await self.bot.ready()
            await self.stage.employees_read()
            await set_up(self.office.world, self.office.phones)
        finally:
            self.stage.settled.set()
            self.stage.tell_status()

    def _write(self, language: str) -> None:
        telegram = {
            "token": self.office.telegram.token,
            "api_url": self.office.telegram.url,
            "admins": [ANNA.user_id],
        }
        database = {"url": f"sqlite+aiosqlite:///{self._folder / DATABASE}"}
        office = {
            "timezone": TIMEZONE,
            "country": "RU",
            "language": language,
            "working_hours": "Mon-Sun 00:00-24:00",
        }
        sections: list[tuple[str, Section]] = [
            ("[telegram]", telegram),
            ("[http]", {"host": HOST, "port": self._bot_port}),
            ("[database]", database),
            ("[office]", office),
            *(("[[pbx]]", phones.settings()) for phones in self.office.phones.values()),
        ]
        path = self._folder / CONFIG
        path.write_text(_toml(sections), encoding="utf-8")
        path.chmod(0o600)


def _toml(sections: Iterable[tuple[str, Section]]) -> str:
    """TOML's basic strings, numbers and lists are written as JSON's."""
    lines = []
    for heading, values in sections:
        lines += [heading, *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()), ""]
    return "\n".join(lines)


def _free_port() -> int:
    """Of those that no system gives away by itself: the bot binds it later, and again after each kill."""
    for port in random.sample(OWN_PORTS, len(OWN_PORTS)):
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            return port
    raise DemoFailed("There is no free port for the bot.")


def _language(folder: Path, environ: Mapping[str, str]) -> str:
    """What was chosen the last time; else this machine's language if we speak it; else English."""
    with suppress(OSError, ValueError, KeyError):
        chosen = str(tomllib.loads((folder / CONFIG).read_text(encoding="utf-8"))["office"]["language"])
        if chosen in LANGUAGES:
            return chosen
    spoken = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    return spoken[:2] if spoken[:2] in LANGUAGES else "en"


async def demo(port: int, keep: Path | None, open_browser: bool) -> None:
    """Play until SIGINT or SIGTERM. Raises DemoFailed."""
    told_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        with suppress(NotImplementedError, AttributeError):
            loop.add_signal_handler(getattr(signal, name), told_to_stop.set)
    with tempfile.TemporaryDirectory(prefix="ringdesk-demo-") as temporary:
        folder = (keep or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        language = _language(folder, os.environ)
        async with Demo(port, folder, kept=keep is not None, language=language) as running:
            await _until(told_to_stop, running, open_browser)
            print("Ending …", flush=True)


async def _until(told_to_stop: asyncio.Event, running: Demo, open_browser: bool) -> None:
    stopping = asyncio.create_task(told_to_stop.wait())
    beginning = asyncio.create_task(_begin(running, open_browser))
    try:
        await asyncio.wait({stopping, beginning}, return_when=asyncio.FIRST_COMPLETED)
        if beginning.done():
            await beginning
            await stopping
    finally:
        for task in (stopping, beginning):
            task.cancel()
        await asyncio.gather(stopping, beginning, return_exceptions=True)


async def _begin(running: Demo, open_browser: bool) -> None:
    print(f"The demo is at {running.url}   (Ctrl-C ends it)", flush=True)
    if open_browser:
        await asyncio.to_thread(webbrowser.open, running.url)
    await running.begin()


def main(port: int, keep: Path | None, open_browser: bool) -> None:
    """`ringdesk demo`."""
    try:
        asyncio.run(demo(port, keep, open_browser))
    except DemoFailed as failed:
        raise SystemExit(str(failed)) from None
    except KeyboardInterrupt:
        # Only where the event loop can't take signals itself.
        raise SystemExit(130) from None
