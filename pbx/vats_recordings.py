"""Recordings of a VATS, the same for both of its APIs: some tenants want the key for them, some do not."""

from pydantic import SecretStr

from pbx.safe_download import Keys


async def keys(key: SecretStr) -> Keys:
    """Without the key first. Only the PBX's own servers are ever given it (`SafeDownload`)."""
    yield {}
    yield {"X-API-KEY": key.get_secret_value()}
