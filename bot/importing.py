"""What the program imports when: what takes events at once, and behind that, in a thread, what works on them."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

#: What the desk needs once it is staffed, in the order in which somebody may ask for it.
BEHIND_THE_DOOR = (
    "pyrate_limiter",
    "storage.engine",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "sqlalchemy.dialects.postgresql.asyncpg",
    "storage.leadership",
    "desk.inbox_worker",
    "desk.calling",
    "desk.client_names",
    "desk.admins",
    "desk.health",
    "desk.limits",
    "desk.updates",
    "httpx",
    "stamina",
    "handlers.webhook.metrics",
)
#: Seconds for which a thread that imports keeps the interpreter while an event waits for it: a tenth of the usual.
TURN = 0.0005


def beside_the_door(*names: str) -> ModuleType:
    """The last of these modules. To be called in a thread: it gives way to whoever takes events meanwhile."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(TURN)
    try:
        with without("rich", "pygments", "click"):
            return [importlib.import_module(name) for name in names][-1]
    finally:
        sys.setswitchinterval(usual)


@contextmanager
def without(*names: str) -> Iterator[None]:
    """structlog and httpx take these where they find them: they are slow to import, and nothing that we use of it."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules |= dict.fromkeys(hidden)  # type: ignore[arg-type]  # None says to Python: not to be had
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
