"""Who plays in the demo: the people of the company, and the clients who call it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from sandbox.page.trace import pretty


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the company: the same phone at the PBXs and in Telegram, so sharing it links the two."""

    user_id: int
    first_name: str
    last_name: str
    username: str
    login: str
    ext: str
    phone: str
    is_manager: bool = False

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


ANNA = Person(1001, "Анна", "Смирнова", "anna_demo", "anna", "701", "79000000001", is_manager=True)
IGOR = Person(1002, "Игорь", "Волков", "igor_demo", "igor", "702", "79000000002")
MARIA = Person(1003, "Мария", "Орлова", "maria_demo", "maria", "703", "79000000003")
PEOPLE = (ANNA, IGOR, MARIA)


@dataclass(frozen=True, slots=True)
class Client:
    """Somebody outside. Those with a `responsible` are contacts from the start; the others are numbers."""

    phone: str
    name: str = ""
    responsible: Person | None = None

    @property
    def shown(self) -> str:
        """The name, or the number of somebody unknown."""
        return self.name or pretty(self.phone)


CLIENTS = (
    Client("79000000101", "Ольга Кузнецова", IGOR),
    Client("79000000102", "Пекарня «Колосок»", MARIA),
    Client("79000000103"),
    Client("79000000104"),
)
#: Who calls first, where these are other people than `CLIENTS`: each is in that PBX's own address book.
CLIENTS_OF = {
    "phonet": (Client("380500000077", "Марта Зоря"), Client("380500000301")),
    "t2": (Client("79000001201", "Ирина Котова"), Client("79000000105")),
}


def strangers(country: str) -> Iterator[Client]:
    """Made-up numbers without end, of one country."""
    pattern = {"UA": "380500000{:03d}"}.get(country, "7900000{:04d}")
    return (Client(pattern.format(n)) for n in count(400 if country == "UA" else 200))
