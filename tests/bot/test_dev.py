"""`./run dev`: a program is begun again when a source file changes, and ended with us."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.dev import changed, keep_running, stamps

#: Writes down that it began, then waits to be ended.
PROGRAM = "import sys, time; open(sys.argv[1], 'a').write('began\\n'); time.sleep(600)"


def test_what_counts_as_a_change(tmp_path: Path) -> None:
    (source := tmp_path / "one.py").write_text("1")
    (tmp_path / "notes.txt").write_text("1")
    before = stamps([tmp_path])
    assert list(before) == [source]
    assert changed(before, before) == []
    (new := tmp_path / "two.po").write_text("")
    assert changed(before, stamps([tmp_path])) == [new]
    source.unlink()
    assert changed(before, stamps([tmp_path])) == [source, new]


def test_it_is_begun_again_on_a_change_and_ended_with_us(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (room := tmp_path / "desk").mkdir()
    (began := tmp_path / "began").touch()
    begun: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def begin(command: list[str]) -> subprocess.Popen[bytes]:
        begun.append(real(command))
        return begun[-1]

    monkeypatch.setattr("bot.dev.subprocess.Popen", begin)

    def instead_of_sleeping(_: float) -> None:
        """The first program has begun: a file changes. The second has: Ctrl-C."""
        while began.read_text().count("began") < len(begun):
            assert begun[-1].poll() is None
        if len(begun) == 2:
            raise KeyboardInterrupt
        (room / "cases.py").write_text("# new")

    with pytest.raises(KeyboardInterrupt):
        keep_running([sys.executable, "-c", PROGRAM, str(began)], [room], instead_of_sleeping)
    assert capsys.readouterr().err == "— cases.py changed: begun again\n"
    assert len(begun) == 2
    assert all(one.poll() is not None for one in begun)
