"""The one place that names vendors: slug to name, configuration, adapter and what it can do."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pbx.config import PbxConfig
from pbx.phone_system import Keeper, PhoneSystem
from pbx.phonet import phone_system as phonet
from pbx.phonet.config import PhonetConfig
from pbx.t2 import phone_system as t2
from pbx.t2.config import T2Config
from pbx.transport import Watch, watched_by
from pbx.vats_form import phone_system as vats_form
from pbx.vats_form.config import VatsFormConfig
from pbx.vats_rest import phone_system as vats_rest
from pbx.vats_rest.config import VatsRestConfig
from pbx.vocabulary import Capabilities


@dataclass(frozen=True, slots=True)
class Vendor:
    """One kind of phone system."""

    name: str
    config: type[PbxConfig]
    connect: Callable[..., PhoneSystem]
    capabilities: Capabilities


VENDORS = {
    "vats_rest": Vendor("VATS REST", VatsRestConfig, vats_rest.connect, vats_rest.CAPABILITIES),
    "vats_form": Vendor("VATS form", VatsFormConfig, vats_form.connect, vats_form.CAPABILITIES),
    "phonet": Vendor("Phonet", PhonetConfig, phonet.connect, phonet.CAPABILITIES),
    "t2": Vendor("t2", T2Config, t2.connect, t2.CAPABILITIES),
}


def connect(
    config: PbxConfig, *, country: str, keeper: Keeper, clock: Callable[[], datetime], watch: Watch | None = None
) -> PhoneSystem:
    """The phone system that an entry of the configuration describes; `watch` is told of each request to it."""
    with watched_by(watch):
        return VENDORS[config.vendor].connect(config, country=country, keeper=keeper, clock=clock)
