"""`python -m bot` is `ringdesk`. `run` as operators write it goes straight there: it must open the door soon."""

import sys
from pathlib import Path


def main() -> None:
    """The console script."""
    match sys.argv[1:]:
        case ["run"]:
            _run("ringdesk.toml")
        case ["run", "--config", file]:
            _run(file)
        case _:
            from bot.cli import cli

            cli()


def _run(file: str) -> None:
    _lean()
    from bot.running import run

    sys.exit(run(Path(file)))


def _lean() -> None:
    """What structlog and httpx take from these, where they find them, is slow to import and nothing that we use."""
    unused = ("rich", "pygments", "click")
    sys.modules |= dict.fromkeys(unused)  # type: ignore[arg-type]  # None says to Python: not to be had
    import httpx
    import structlog

    assert httpx
    assert structlog
    for name in unused:
        del sys.modules[name]


if __name__ == "__main__":
    main()
