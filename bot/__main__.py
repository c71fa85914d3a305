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
    from bot.running import run

    sys.exit(run(Path(file)))


if __name__ == "__main__":
    main()
