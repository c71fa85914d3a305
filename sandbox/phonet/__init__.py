"""Phonet, a cloud PBX, to play with: a company with a state, a REST API, and calls that post their events.

Written from the vendor's manual and from what was seen in the field; it shares nothing with the program it
plays against.
"""

from sandbox.phonet.calls import Calls
from sandbox.phonet.contacts import Contacts
from sandbox.phonet.demo import demo_office
from sandbox.phonet.legs import HistoryRow
from sandbox.phonet.messages import Visit
from sandbox.phonet.office import NoSuch, Office
from sandbox.phonet.outages import Outage
from sandbox.phonet.people import Department, Employee, Menu, OurNumber
from sandbox.phonet.quirks import Quirks
from sandbox.phonet.sender import FloodReport, Sender, Sent
from sandbox.phonet.serve import PhonetOffice
from sandbox.phonet.settings import Asked
from sandbox.phonet.stories import (
    Answered,
    CannotHappen,
    ClientAnswers,
    ClientIsBusy,
    ClientSilent,
    Congested,
    DialError,
    EmployeeSilent,
    HangsUp,
    HangsUpInMenu,
    NobodyAnswers,
    Transfer,
)

__all__ = [
    "Answered",
    "Asked",
    "Calls",
    "CannotHappen",
    "ClientAnswers",
    "ClientIsBusy",
    "ClientSilent",
    "Congested",
    "Contacts",
    "Department",
    "DialError",
    "Employee",
    "EmployeeSilent",
    "FloodReport",
    "HangsUp",
    "HangsUpInMenu",
    "HistoryRow",
    "Menu",
    "NoSuch",
    "NobodyAnswers",
    "Office",
    "OurNumber",
    "Outage",
    "PhonetOffice",
    "Quirks",
    "Sender",
    "Sent",
    "Transfer",
    "Visit",
    "demo_office",
]
