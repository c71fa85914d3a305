"""A terminal with a person before it: what the program says shows, and what is typed shows unless it is a secret."""

import asyncio
import os
import pty
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

#: Seconds until the program says what is waited for. It starts slowly on a busy machine.
SAYS_WITHIN = 60.0
#: Where the program is: it is begun in another folder.
HERE = str(Path(__file__).resolve().parents[2])


class Terminal:
    """`ringdesk` on a pseudo-terminal."""

    def __init__(self, process: asyncio.subprocess.Process, fd: int) -> None:
        self._process, self._fd = process, fd
        self._news = asyncio.Event()
        self._seen = 0
        self._bytes = b""
        asyncio.get_running_loop().add_reader(fd, self._read)

    @property
    def shown(self) -> str:
        """All that it shows, lines ended as in a file."""
        return self._bytes.decode(errors="replace").replace("\r\n", "\n")

    async def until(self, words: str) -> None:
        """Until `words` show, after those that were waited for before."""
        try:
            async with asyncio.timeout(SAYS_WITHIN):
                while (found := self.shown.find(words, self._seen)) < 0:
                    assert self._fd >= 0, f"{words!r} is not said before the end:\n{self.shown[self._seen :]}"
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"{words!r} is not said after:\n{self.shown[self._seen :]}") from None
        self._seen = found + len(words)

    async def answers(self, prompt: str, answer: str = "") -> None:
        await self.until(prompt)
        os.write(self._fd, f"{answer}\n".encode())

    async def interrupted(self) -> int:
        """Ctrl-C, again after two seconds if it came between the prompt and the wait for a line; the exit status."""
        ending = asyncio.create_task(self.ended())
        while not ending.done() and self._fd >= 0:
            os.write(self._fd, b"\x03\n")
            await asyncio.wait({ending}, timeout=2)
        return await ending

    async def ended(self) -> int:
        """The exit status."""
        async with asyncio.timeout(SAYS_WITHIN):
            status = await self._process.wait()
            while self._fd >= 0:  # what it said last may still be on its way
                self._news.clear()
                await self._news.wait()
        return status

    async def close(self) -> None:
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
            await self._process.wait()
        self._hang_up()

    def _read(self) -> None:
        try:
            read = os.read(self._fd, 65536)
        except OSError:  # the other end is closed
            read = b""
        self._bytes += read
        if not read:
            self._hang_up()
        self._news.set()

    def _hang_up(self) -> None:
        if self._fd >= 0:
            asyncio.get_running_loop().remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1


@asynccontextmanager
async def a_terminal(folder: Path, *arguments: str, language: str = "en_US.UTF-8") -> AsyncIterator[Terminal]:
    """`ringdesk …` begun in `folder`, and ended whatever happens."""
    ours, theirs = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RINGDESK_", "LC_", "LANG"))}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *arguments),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=folder,
        env={**kept, "LANG": language, "PYTHONPATH": HERE, "PYTHONUTF8": "1"},
        # Its own session, with this terminal as the one that Ctrl-C comes from.
        start_new_session=True,
        preexec_fn=_takes_the_terminal,
    )
    os.close(theirs)
    terminal = Terminal(process, ours)
    try:
        yield terminal
    finally:
        with suppress(ProcessLookupError):
            await terminal.close()


def _takes_the_terminal() -> None:
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
