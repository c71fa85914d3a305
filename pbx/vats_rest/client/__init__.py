"""The client of the REST API: one method per documented operation, a mixin per chapter of the manual."""

from pbx.transport import Mounted, Transport
from pbx.vats_rest.client.blacklist import Blacklist
from pbx.vats_rest.client.domain import DomainSettings
from pbx.vats_rest.client.groups import Groups
from pbx.vats_rest.client.history import History
from pbx.vats_rest.client.lines import Branches, Lines, Subscriptions
from pbx.vats_rest.client.outgoing import OutgoingNumbers, Restrictions
from pbx.vats_rest.client.telnums import Sims, Telnums
from pbx.vats_rest.client.users import Users
from pbx.vats_rest.config import VatsRestConfig


class VatsRestClient(
    History,
    Users,
    Groups,
    Telnums,
    Sims,
    Blacklist,
    DomainSettings,
    OutgoingNumbers,
    Restrictions,
    Lines,
    Branches,
    Subscriptions,
):
    """Raises from the `PbxError` tree; repeats only what reads and what sets a switch."""

    def __init__(self, config: VatsRestConfig, *, mounted: Mounted | None = None) -> None:
        transport = Transport(config.api_url, proxy=config.proxy, user_agent=config.user_agent, mounted=mounted)
        super().__init__(transport, config.key.get_secret_value())

    async def close(self) -> None:
        await self._transport.aclose()


__all__ = ["VatsRestClient"]
