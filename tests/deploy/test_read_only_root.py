"""The locked wheels run as nobody, without capabilities, on a root that they can't write to: in namespaces."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from importlib.metadata import distributions
from pathlib import Path

import aiohttp
import pytest

from bot import supply
from sandbox.telegram import TelegramStandIn, World
from sandbox.vats_rest import VatsOffice, demo_office
from tests.deploy.files import ROOT, need
from tests.handlers.webhook.wire import KEY, MISSED
from tests.office import configuration
from tests.ports import free_port
from tests.program.process import toml
from tests.simulators import API_KEY, WEBHOOK_TOKEN

NOBODY = 65534
#: A new root out of read-only views of what the program needs; only /data and /tmp may be written to.
#: Arguments: the new root, the folder that becomes /data, then what is seen at its own place.
BUILD_ROOT = """\
set -eu
root=$1 data=$2; shift 2
mount -t tmpfs -o mode=0755 root "$root"
mkdir -p "$root/proc" "$root/dev" "$root/tmp" "$root/data" "$root/etc"
# Before what may lie in it: a checkout may be anywhere.
mount -t tmpfs -o mode=1777,nosuid,nodev tmp "$root/tmp"
for seen in "$@"; do
    mkdir -p "$root$seen"
    mount --bind "$seen" "$root$seen"
    mount -o remount,bind,ro,nosuid "$root$seen"
done
for link in bin lib lib64; do [ -L "/$link" ] && cp -P "/$link" "$root/$link"; done
for file in null urandom; do touch "$root/dev/$file"; mount --bind "/dev/$file" "$root/dev/$file"; done
mount -t proc proc "$root/proc"
mount --bind "$data" "$root/data"
mount -o remount,ro "$root"
exec chroot "$root" "$SETPRIV" --reuid=65534 --regid=65534 --clear-groups --no-new-privs --pdeathsig=KILL \\
    --bounding-set=-all --inh-caps=-all \\
    env -i HOME=/data MPLCONFIGDIR=/tmp PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$SOURCES" "$PYTHON" -c "$PROGRAM"
"""
#: The unit's MemoryDenyWriteExecute, where the kernel has it; then the program, from a folder it can't write to.
PROGRAM = """\
import ctypes, os, sys
ctypes.CDLL(None).prctl(65, 1, 0, 0, 0)
os.chdir("/data")
try:
    open(os.environ["PYTHONPATH"] + "/written", "w")
    sys.exit("the root can be written to")
except OSError:
    pass
from bot.cli import cli
cli(["run", "--config", "/data/ringdesk.toml"])
"""


@pytest.fixture
def namespaces() -> str:
    """`unshare`, where this machine lets us build a root of our own."""
    unshare = need("unshare")
    need("setpriv")
    tried = subprocess.run([unshare, "--mount", "--pid", "--fork", "true"], capture_output=True, check=False)
    if tried.returncode:
        pytest.skip("this user may not make namespaces here: " + tried.stderr.decode().strip())
    return unshare


@pytest.fixture
async def world() -> AsyncIterator[tuple[TelegramStandIn, VatsOffice]]:
    pbx = VatsOffice(demo_office(), webhook_url="http://127.0.0.1:1", crm_token=WEBHOOK_TOKEN, api_key=API_KEY)
    async with TelegramStandIn(World()) as tg, pbx:
        yield tg, pbx


def seen() -> list[str]:
    """What the program reads: the system's libraries, Python, the locked wheels, and the sources."""
    python = Path(sys.base_prefix)
    system = [Path("/usr"), *(one for one in map(Path, ("/lib", "/lib64", "/bin")) if not one.is_symlink())]
    rooms = [one.parent for one in ROOT.glob("*/__init__.py")]
    places = [*system, Path(sys.prefix), *rooms]
    places += [] if python.is_relative_to("/usr") else [python]
    return [str(one) for one in places]


def test_the_wheels_are_those_of_the_lock() -> None:
    """A package may be pinned several times, for several Pythons; what is for other systems only is not here."""
    locked: dict[str, set[str]] = {}
    for one in supply.pinned(ROOT / "requirements.lock"):
        locked.setdefault(one.name, set()).add(one.version)
    installed = {
        one.metadata["Name"].lower().replace("_", "-").replace(".", "-"): one.version for one in distributions()
    }
    here = locked.keys() & installed.keys()
    assert len(here) > 0.8 * len(locked)
    assert {name: installed[name] for name in here if installed[name] not in locked[name]} == {}


async def test_the_program_runs_as_nobody_on_a_read_only_root(
    namespaces: str, world: tuple[TelegramStandIn, VatsOffice], tmp_path: Path
) -> None:
    tg, pbx = world
    data, root = tmp_path / "data", tmp_path / "root"
    data.mkdir()
    root.mkdir()
    url = f"http://127.0.0.1:{(port := free_port())}"
    settings = configuration("sqlite+aiosqlite:////data/ringdesk.db", tg.url, tg.token, pbx.url)
    settings["http"] = {"host": "127.0.0.1", "port": port}
    (data / "ringdesk.toml").write_text(toml(settings), encoding="utf-8")
    for owned in (data, *data.iterdir()):
        os.chown(owned, NOBODY, NOBODY)
    alone = [namespaces, "--mount", "--pid", "--fork", "--kill-child"]
    command = [*alone, "sh", "-c", BUILD_ROOT, "sh", str(root), str(data), *seen()]
    environment = {
        **os.environ,
        "SETPRIV": need("setpriv"),
        "PYTHON": sys.executable,
        "PROGRAM": PROGRAM,
        "SOURCES": str(ROOT),
    }
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, env=environment, stdout=pipe, stderr=asyncio.subprocess.STDOUT
    )
    try:
        await _until_healthy(process, url)
        assert (data / "ringdesk.db").stat().st_uid == NOBODY
        assert _capabilities_of_nobody_s_python(process.pid) == {0}
        event = {**KEY, **MISSED}
        async with aiohttp.ClientSession() as http, http.post(f"{url}/pbx/main", data=event) as response:
            assert response.status == 200
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()


async def _until_healthy(process: asyncio.subprocess.Process, url: str) -> None:
    async with aiohttp.ClientSession() as http, asyncio.timeout(60):
        while True:
            if process.returncode is not None:
                assert process.stdout
                raise AssertionError((await process.stdout.read()).decode())
            try:
                async with http.get(f"{url}/healthz") as response:
                    assert response.status == 200
                    return
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(0.1)  # another process has no event of ours to wait for


def _capabilities_of_nobody_s_python(parent: int) -> set[int]:
    """Effective and bounding capabilities of whatever `parent` started, which is nobody's."""
    [child] = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    lines = Path(f"/proc/{child}/status").read_text().splitlines()
    said = {name: value for name, _, value in (line.partition(":\t") for line in lines)}
    assert said["Uid"].split() == [str(NOBODY)] * 4
    assert said["Groups"].strip() == ""
    assert said["NoNewPrivs"] == "1"
    return {int(said[name], 16) for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb")}
