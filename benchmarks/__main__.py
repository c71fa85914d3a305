"""`./run bench [NAME …]`: run the benchmarks, print the table, and with `--write` keep it in docs/performance.md."""

import argparse
import importlib
import os
import pkgutil
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

import benchmarks
from benchmarks.frame import HEAD, Benchmark, Pair, line, merged

DOCUMENT = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- measured -->", "<!-- /measured -->"
NOT_MEASURED = ("__main__", "frame", "rig")
MACHINE_BEGIN, MACHINE_END = "<!-- machine -->", "<!-- /machine -->"


def main() -> int:
    """The exit status: 1 if a line is missed."""
    found = [one.name for one in pkgutil.iter_modules(benchmarks.__path__) if one.name not in NOT_MEASURED]
    asked = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    asked.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(found)}; all if none is named")
    asked.add_argument("--rounds", type=int, default=5, help="how often each comparison is made")
    asked.add_argument("--write", action="store_true", help="put what was found into docs/performance.md")
    said = asked.parse_args()
    if unknown := sorted(set(said.names) - set(found)):
        asked.error(f"there is no {', '.join(unknown)}; there are {', '.join(found)}")
    lines: list[str] = []
    for name in said.names or found:
        lines += measured(name, importlib.import_module(f"benchmarks.{name}"), said.rounds)
        if said.write:
            write(lines)
    print("\n".join([*HEAD, *lines]))
    return int(any("**missed**" in one for one in lines))


def measured(name: str, benchmark: Benchmark, count: int) -> list[str]:
    """The benchmark's lines."""
    of_rows: list[list[Pair]] = [[] for _ in benchmark.ROWS]
    for number, found in enumerate(benchmark.rounds(count), start=1):
        for row, pairs, pair in zip(benchmark.ROWS, of_rows, found, strict=True):
            pairs.append(pair)
            figures = f"{pair.ours:.4g}{row.unit} : {pair.theirs:.4g}{row.unit} = {pair.ratio:.3g}"
            print(f"{name} {number}/{count}  {row.what}: {figures}", file=sys.stderr, flush=True)
    return [line(row, pairs) for row, pairs in zip(benchmark.ROWS, of_rows, strict=True)]


def write(lines: list[str]) -> None:
    """Into the document, with the machine they are from."""
    document = merged(DOCUMENT.read_text(encoding="utf-8"), lines, BEGIN, END)
    before, _, rest = document.partition(MACHINE_BEGIN)
    after = rest.partition(MACHINE_END)[2]
    DOCUMENT.write_text(f"{before}{MACHINE_BEGIN}\n{machine()}\n{MACHINE_END}{after}", encoding="utf-8")


def machine() -> str:
    """Where the figures are from."""
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    today = datetime.now(UTC).date()
    return f"Last run {today}: {os.cpu_count()} cores, {system}, Python {platform.python_version()}."


if __name__ == "__main__":
    sys.exit(main())
