"""Every vendor's simulator as a test's office has it: how it is built, configured, and told where our webhook is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Protocol, Self

from tests.clocks import HandClock

API_KEY = "pbx-api-key-of-the-tests"
WEBHOOK_TOKEN = "webhook-token-of-the-tests"
#: Of t2's first pair. They are no JWTs: their lives begin when the simulator is built.
ACCESS_TOKEN, REFRESH_TOKEN = "access-token-of-the-tests", "refresh-token-of-the-tests"


class Played(Protocol):
    """The calls of a simulator."""

    async def settled(self) -> None: ...


class Simulator(Protocol):
    """What all of them have."""

    @property
    def url(self) -> str: ...

    @property
    def calls(self) -> Played: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@dataclass(frozen=True, eq=False)
class Simulated:
    """One `[[pbx]]` of a test's office. `more` goes into its entry of the configuration."""

    vendor: str = "vats_rest"
    id: str = "main"
    more: Mapping[str, Any] = field(default_factory=dict)

    def build(self, clock: HandClock) -> Simulator:
        return KINDS[self.vendor].build(clock)

    def entry(self, url: str) -> dict[str, Any]:
        return {"id": self.id, "vendor": self.vendor, "url": url, **KINDS[self.vendor].entry, **self.more}

    def point(self, simulator: Any, base_url: str) -> None:
        """Tell it where we are: it may be told again after a restart."""
        webhook = KINDS[self.vendor].webhook
        if webhook:
            simulator.sender.url = webhook.format(base=base_url, id=self.id, token=WEBHOOK_TOKEN)


def _vats_rest(clock: HandClock) -> Simulator:
    from sandbox.vats_rest import VatsOffice, demo_office

    return VatsOffice(
        demo_office(),
        webhook_url="http://127.0.0.1:1/",
        crm_token=WEBHOOK_TOKEN,
        api_key=API_KEY,
        sleep=clock.sleep,
        now=clock.now,
        retry_sleep=clock.sleep,
    )


def _vats_form(clock: HandClock) -> Simulator:
    from sandbox.vats_form import VatsFormOffice, demo_office

    return VatsFormOffice(
        demo_office(),
        webhook_url="http://127.0.0.1:1/",
        crm_token=WEBHOOK_TOKEN,
        token=API_KEY,
        sleep=clock.sleep,
        now=clock.now,
        retry_sleep=clock.sleep,
    )


def _phonet(clock: HandClock) -> Simulator:
    from sandbox.phonet import PhonetOffice, demo_office

    return PhonetOffice(
        demo_office(),
        webhook_url="http://127.0.0.1:1/",
        api_key=API_KEY,
        domain="127.0.0.1",
        sleep=clock.sleep,
        now=clock.now,
        retry_sleep=clock.sleep,
    )


def _t2(clock: HandClock) -> Simulator:
    from sandbox.t2 import T2Office, demo_office

    return T2Office(
        demo_office(), access_token=ACCESS_TOKEN, refresh_token=REFRESH_TOKEN, sleep=clock.sleep, now=clock.now
    )


@dataclass(frozen=True)
class Kind:
    """A vendor: how its simulator is built, what its entry says, where it posts to."""

    build: Callable[[HandClock], Simulator]
    entry: Mapping[str, Any]
    webhook: str = ""


_KEYS = {"key": API_KEY, "webhook_token": WEBHOOK_TOKEN}
#: By the slug of the vendor.
KINDS = {
    "vats_rest": Kind(_vats_rest, _KEYS, "{base}/pbx/{id}"),
    "vats_form": Kind(_vats_form, _KEYS, "{base}/pbx/{id}"),
    "phonet": Kind(
        _phonet,
        {**_KEYS, "country": "UA", "webhook_networks": ["127.0.0.1"]},
        "{base}/pbx/{id}/{token}",
    ),
    "t2": Kind(_t2, {"access_token": ACCESS_TOKEN, "refresh_token": REFRESH_TOKEN}),
}
