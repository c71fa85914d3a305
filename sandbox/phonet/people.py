"""Who and what a Phonet call can reach: employees, departments, the voice menu, our numbers."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

ONLINE, OFFLINE, NOT_MONITORED = 0, 1, 2


@dataclass
class Employee:
    id: int
    name: str
    ext: str
    email: str = ""
    #: As `/rest/user/status` words it: 0 online, 1 offline, 2 not monitored.
    status: int = ONLINE
    paused: bool = False
    type: ClassVar[int] = 1

    @property
    def can_be_rung(self) -> bool:
        return self.status != OFFLINE and not self.paused


@dataclass
class Department:
    id: int
    name: str
    ext: str
    #: Extensions of its employees.
    members: list[str] = field(default_factory=list)
    #: All at once, or one after another, `step` seconds each, round and round.
    order: Literal["all", "in_turn"] = "all"
    step: float = 10.0
    type: ClassVar[int] = 2


@dataclass
class Menu:
    """A scenario: a voice menu has no extension."""

    id: int
    name: str
    ext: None = None
    type: ClassVar[int] = 4


Entity = Employee | Department | Menu


@dataclass
class OurNumber:
    num: str
    name: str
    #: The extension of the department or employee behind it.
    leads_to: str
    #: A call goes first to the employee whom the answer to `call.settings` names.
    routes_to_responsible: bool = False
