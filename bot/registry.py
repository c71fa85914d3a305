"""The one place that names vendors: slug to name, configuration, adapter and what it can do.

A vendor is imported when it is first asked for: a program that has one PBX does not wait for the others' models.
"""

from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass
from datetime import datetime

from pbx.config import PbxConfig
from pbx.phone_system import Keeper, PhoneSystem
from pbx.transport import Watch, watched_by
from pbx.vocabulary import Capabilities


@dataclass(frozen=True, slots=True)
class Vendor:
    """One kind of phone system."""

    name: str
    config: type[PbxConfig]
    connect: Callable[..., PhoneSystem]
    capabilities: Capabilities


def _vats_rest() -> Vendor:
    from pbx.vats_rest.config import VatsRestConfig
    from pbx.vats_rest.phone_system import CAPABILITIES, connect

    return Vendor("VATS REST", VatsRestConfig, connect, CAPABILITIES)


def _vats_form() -> Vendor:
    from pbx.vats_form.config import VatsFormConfig
    from pbx.vats_form.phone_system import CAPABILITIES, connect

    return Vendor("VATS form", VatsFormConfig, connect, CAPABILITIES)


def _phonet() -> Vendor:
    from pbx.phonet.config import PhonetConfig
    from pbx.phonet.phone_system import CAPABILITIES, connect

    return Vendor("Phonet", PhonetConfig, connect, CAPABILITIES)


def _t2() -> Vendor:
    from pbx.t2.config import T2Config
    from pbx.t2.phone_system import CAPABILITIES, connect

    return Vendor("t2", T2Config, connect, CAPABILITIES)


class Vendors(MutableMapping[str, Vendor]):
    """By slug, in one order for every list."""

    def __init__(self, **loads: Callable[[], Vendor]) -> None:
        self._loads = loads
        self._loaded: dict[str, Vendor] = {}

    def __getitem__(self, slug: str) -> Vendor:
        if slug not in self._loaded:
            self._loaded[slug] = self._loads[slug]()
        return self._loaded[slug]

    def __setitem__(self, slug: str, vendor: Vendor) -> None:
        self._loads[slug], self._loaded[slug] = lambda: vendor, vendor

    def __delitem__(self, slug: str) -> None:
        del self._loads[slug]
        self._loaded.pop(slug, None)

    def __contains__(self, slug: object) -> bool:
        return slug in self._loads

    def __iter__(self) -> Iterator[str]:
        return iter(self._loads)

    def __len__(self) -> int:
        return len(self._loads)


VENDORS = Vendors(vats_rest=_vats_rest, vats_form=_vats_form, phonet=_phonet, t2=_t2)


def connect(
    config: PbxConfig, *, country: str, keeper: Keeper, clock: Callable[[], datetime], watch: Watch | None = None
) -> PhoneSystem:
    """The phone system that an entry of the configuration describes; `watch` is told of each request to it."""
    with watched_by(watch):
        return VENDORS[config.vendor].connect(config, country=country, keeper=keeper, clock=clock)
