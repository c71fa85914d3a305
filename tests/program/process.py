"""The real program as a process of its own, killed and begun again as machines do.

Importing it takes seconds, which a process that has done so once spares the others: they are forked from it. What is
started from nothing, as an operator does, is in test_commands.py.
"""

import asyncio
import multiprocessing
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import aiohttp

from bot.importing import BEHIND_THE_DOOR
from tests.ports import free_port

#: Seconds; a busy machine needs some to start Python.
START_WITHIN = 60.0

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(
    ["bot.running", "bot.app", *BEHIND_THE_DOOR, "bot.chat", "handlers.clock.jobs", __name__]
)


def _run(config: Path, log: Path) -> None:
    """In the new process."""
    with log.open("ab") as said:
        for stream in (1, 2):
            os.dup2(said.fileno(), stream)
    from bot.running import run

    sys.exit(run(config))


class Program:
    """`ringdesk run` with a configuration file, on a port of its own."""

    def __init__(self, folder: Path, configuration: dict[str, Any], *, port: int | None = None) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._config = folder / "ringdesk.toml"
        configuration["http"] = {**configuration.get("http", {}), "host": "127.0.0.1", "port": self.port}
        self._config.write_text(toml(configuration), encoding="utf-8")
        self._log = folder / "ringdesk.log"
        self._log.touch()
        self._process: ForkServerProcess | None = None

    async def start(self) -> None:
        """Until it answers `/healthz`."""
        await self._begin()
        await self.until_healthy()

    async def _begin(self) -> ForkServerProcess:
        self._process = _forks.Process(target=_run, args=(self._config, self._log), daemon=True)
        await asyncio.to_thread(self._process.start)
        return self._process

    async def refuses(self) -> tuple[int, str]:
        """Started although it should not: the exit status, and what it said."""
        return await self._ended(await self._begin(), START_WITHIN), self.log

    @staticmethod
    async def _ended(process: ForkServerProcess, within: float) -> int:
        """The exit status; `TimeoutError` if it goes on."""
        await asyncio.to_thread(process.join, within)
        if process.exitcode is None:
            raise TimeoutError("the program does not end")
        return process.exitcode

    async def until_healthy(self) -> None:
        async with aiohttp.ClientSession() as http, asyncio.timeout(START_WITHIN):
            while True:
                assert self._process is not None
                assert self._process.is_alive(), self.log
                try:
                    async with http.get(f"{self.url}/healthz") as response:
                        if response.status == 200:
                            return
                except aiohttp.ClientConnectorError:
                    await asyncio.sleep(0.05)  # another process has no event of ours to wait for

    async def kill(self) -> None:
        """As a power cut does: no chance to finish anything."""
        assert self._process is not None
        self._process.kill()
        await self._ended(self._process, START_WITHIN)

    async def stop(self) -> int:
        """As systemd does; the exit status. Ten seconds is what the contract allows."""
        assert self._process is not None
        if self._process.is_alive():
            self._process.terminate()
        return await self._ended(self._process, 10)

    @property
    def pid(self) -> int:
        assert self._process is not None
        assert self._process.pid is not None
        return self._process.pid

    @property
    def resident(self) -> int:
        """Bytes of memory that it has."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def freeze(self) -> None:
        """It hangs: alive, with its connections open, and does nothing."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    async def kill_if_alive(self) -> None:
        if self._process is not None and self._process.is_alive():
            await self.kill()

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")


@asynccontextmanager
async def a_program(folder: Path, configuration: dict[str, Any]) -> AsyncIterator[Program]:
    """Started, and ended whatever happens."""
    program = Program(folder, configuration)
    await program.start()
    try:
        yield program
    finally:
        await program.kill_if_alive()


def toml(configuration: dict[str, Any]) -> str:
    """Just enough TOML for a configuration: sections of plain values, and lists of sections."""
    lines: list[str] = []
    for name, section in configuration.items():
        for one in section if isinstance(section, list) else [section]:
            lines.append(f"[[{name}]]" if isinstance(section, list) else f"[{name}]")
            lines += [f"{key} = {_value(value)}" for key, value in one.items()]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    return str(value) if isinstance(value, int) else '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
