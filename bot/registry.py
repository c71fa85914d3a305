"""The one place that names vendors: slug to configuration and adapter."""

from collections.abc import Callable
from datetime import datetime

from pbx.config import PbxConfig
from pbx.phone_system import Keeper, PhoneSystem
from pbx.vats_rest import phone_system as vats_rest
from pbx.vats_rest.config import VatsRestConfig

#: Slug, configuration, and the function that connects.
VENDORS: dict[str, tuple[type[PbxConfig], Callable[..., PhoneSystem]]] = {
    "vats_rest": (VatsRestConfig, vats_rest.connect),
}


def connect(config: PbxConfig, *, country: str, keeper: Keeper, clock: Callable[[], datetime]) -> PhoneSystem:
    """The phone system that an entry of the configuration describes."""
    return VENDORS[config.vendor][1](config, country=country, keeper=keeper, clock=clock)
