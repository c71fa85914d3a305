"""Phonet's REST API: one method per documented operation, in three chapters over one session."""

from pbx.phonet.client.calls import Calls, Recording
from pbx.phonet.client.contacts import Contacts
from pbx.phonet.client.session import Session
from pbx.phonet.client.users import Users


class PhonetClient(Calls, Users, Contacts):
    """The whole of "АТС Phonet пассивный участник обмена данными"."""


__all__ = ["Calls", "Contacts", "PhonetClient", "Recording", "Session", "Users"]
