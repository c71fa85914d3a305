"""Who may ask: the domain and the API key open a session, and a cookie carries it."""

import hmac
import secrets
from collections.abc import Callable
from datetime import datetime

from sandbox.phonet.office import Office

COOKIE = "JSESSIONID"


class Sessions:
    """With an empty `domain` the company lives at whatever host it is asked at, named with its port or without."""

    def __init__(self, office: Office, domain: str, api_key: str, now: Callable[[], datetime]) -> None:
        self._office, self.domain, self.api_key, self._now = office, domain, api_key, now
        #: When each was last used.
        self._open: dict[str, datetime] = {}

    def __len__(self) -> int:
        return len(self._open)

    def open(self, domain: str, api_key: str, host: str) -> str | None:
        """None: the domain or the key is wrong."""
        domains = {self.domain} if self.domain else {host, host.partition(":")[0]}
        if domain not in domains or not hmac.compare_digest(api_key.encode(), self.api_key.encode()):
            return None
        session = secrets.token_hex(16).upper()
        self._open[session] = self._now()
        return session

    def use(self, session: str) -> bool:
        """Whether it is open; a stale one is forgotten."""
        used, lasts = self._open.get(session), self._office.quirks.session_seconds
        if used is None:
            return False
        if lasts is not None and (self._now() - used).total_seconds() > lasts:
            del self._open[session]
            return False
        self._open[session] = self._now()
        return True

    def expire(self) -> None:
        self._open.clear()
