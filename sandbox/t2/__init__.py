"""A t2 cloud PBX ("Корпоративная АТС") to play with: a company with a state and a REST API that has to be polled.

Written from the vendor's manual and from what was seen in the field; it shares nothing with the program
it plays against.
"""

from sandbox.t2.calls import Calls
from sandbox.t2.demo import demo_office
from sandbox.t2.office import Banned, CallRow, Customer, Employee, LiveCall, Manager, Multichannel, Office
from sandbox.t2.outages import Outage
from sandbox.t2.quirks import Quirks
from sandbox.t2.serve import T2Office
from sandbox.t2.stories import (
    Answered,
    CannotHappen,
    ClientAnswers,
    ClientIsBusy,
    ClientRefused,
    ClientSilent,
    HangsUp,
    LineIsBusy,
    NobodyAnswers,
    OutsideHours,
)
from sandbox.t2.tokens import Pair, Tokens, new_pair

__all__ = [
    "Answered",
    "Banned",
    "CallRow",
    "Calls",
    "CannotHappen",
    "ClientAnswers",
    "ClientIsBusy",
    "ClientRefused",
    "ClientSilent",
    "Customer",
    "Employee",
    "HangsUp",
    "LineIsBusy",
    "LiveCall",
    "Manager",
    "Multichannel",
    "NobodyAnswers",
    "Office",
    "Outage",
    "OutsideHours",
    "Pair",
    "Quirks",
    "T2Office",
    "Tokens",
    "demo_office",
    "new_pair",
]
