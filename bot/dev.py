"""`./run dev`: the demo, or `ringdesk run`, begun again whenever a source file changes. Standard library only."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("bot", "desk", "handlers", "pbx", "sandbox", "storage")
SUFFIXES = frozenset({".py", ".po", ".js", ".css", ".html"})
#: Seconds: between two looks at the files, and until a program that was asked to end is killed.
LOOK_EVERY, ENDS_WITHIN = 0.5, 20.0

Stamps = Mapping[Path, int]


def stamps(folders: Sequence[Path]) -> Stamps:
    """Every source file to when it was changed last."""
    return dict(_stamped(folders))


def _stamped(folders: Sequence[Path]) -> Iterator[tuple[Path, int]]:
    for folder in folders:
        for path in folder.rglob("*"):
            if path.suffix in SUFFIXES:
                try:
                    yield path, path.stat().st_mtime_ns
                except OSError:  # an editor renames: it is there at the next look
                    continue


def changed(before: Stamps, now: Stamps) -> list[Path]:
    """What is new, gone, or written since."""
    return sorted(path for path in before.keys() | now.keys() if before.get(path) != now.get(path))


def keep_running(
    command: Sequence[str], folders: Sequence[Path], sleep: Callable[[float], None] = time.sleep
) -> None:
    """Until Ctrl-C, which the program gets as well."""
    seen = stamps(folders)
    program = subprocess.Popen(command)
    try:
        while True:
            sleep(LOOK_EVERY)
            now = stamps(folders)
            if news := changed(seen, now):
                seen = now
                print(f"— {news[0].name} changed: begun again", file=sys.stderr, flush=True)
                end(program)
                program = subprocess.Popen(command)
    finally:
        end(program)


def end(program: subprocess.Popen[bytes]) -> None:
    """This one program, by its own id."""
    if program.poll() is None:
        program.terminate()
    try:
        program.wait(ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait()


def main(arguments: Sequence[str]) -> int:
    """`--config FILE` begins `ringdesk run` with it; else the demo, whose chats outlive each restart."""
    with tempfile.TemporaryDirectory(prefix="ringdesk-dev-") as folder:
        demo = ["demo", "--keep", folder, "--no-browser"]
        what = ["run", *arguments] if "--config" in arguments else [*demo, *arguments]
        with suppress(KeyboardInterrupt):
            keep_running([sys.executable, "-m", "bot", *what], [ROOT / room for room in ROOMS])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
