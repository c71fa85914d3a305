"""What this PBX posts to us. Both VATS APIs speak one dialect; here it is only given its country."""

from datetime import datetime

from pbx import vats_dialect
from pbx.vocabulary import Received


def read(body: bytes, *, received_at: datetime, country: str) -> list[Received]:
    """A verified body as our events: history, event, contact, rating, webhook. Sections 2.1 to 2.4, 15.6, 18.4."""
    return vats_dialect.read(body, received_at=received_at, country=country)
