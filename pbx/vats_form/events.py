"""What this PBX posts to us. Both VATS APIs speak one dialect; here it is only given its country."""

from datetime import datetime

from pbx import vats_dialect
from pbx.vocabulary import Received


def read(body: bytes, *, received_at: datetime, country: str) -> list[Received]:
    """A verified body as our events: history, event, contact (manual: callbacks). What REST adds is read too."""
    return vats_dialect.read(body, received_at=received_at, country=country)
