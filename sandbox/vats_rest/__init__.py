"""A MegaFon-style cloud PBX to play with: a company with a state, a REST API, and calls that send webhooks.

Written from the vendor's manual (revision 2) and from what was seen in the field; it shares nothing with
the program it plays against.
"""

from sandbox.vats_rest.calls import Calls
from sandbox.vats_rest.demo import demo_office
from sandbox.vats_rest.office import Department, Employee, HistoryRow, Office, OurNumber
from sandbox.vats_rest.outages import Outage
from sandbox.vats_rest.quirks import Quirks
from sandbox.vats_rest.sender import Encoding, FloodReport, Manner, Sender, Sent, TokenPlace
from sandbox.vats_rest.serve import VatsOffice
from sandbox.vats_rest.stories import (
    Answered,
    ClientAnswers,
    ClientIsBusy,
    ClientRefused,
    ClientSilent,
    HangsUp,
    HangsUpInMenu,
    NobodyAnswers,
    OutsideHours,
    Transfer,
    Voicemail,
)

__all__ = [
    "Answered",
    "Calls",
    "ClientAnswers",
    "ClientIsBusy",
    "ClientRefused",
    "ClientSilent",
    "Department",
    "Employee",
    "Encoding",
    "FloodReport",
    "HangsUp",
    "HangsUpInMenu",
    "HistoryRow",
    "Manner",
    "NobodyAnswers",
    "Office",
    "OurNumber",
    "Outage",
    "OutsideHours",
    "Quirks",
    "Sender",
    "Sent",
    "TokenPlace",
    "Transfer",
    "VatsOffice",
    "Voicemail",
    "demo_office",
]
