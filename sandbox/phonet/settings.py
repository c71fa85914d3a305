"""Who is that? Phonet asks the program by `call.settings`, keeps the answer for a while, and looks into CRM teler."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sandbox.phonet import contacts, messages
from sandbox.phonet.legs import Client, Json
from sandbox.phonet.office import NoSuch, Office
from sandbox.phonet.people import Employee
from sandbox.phonet.sender import Sender

#: "For new contacts up to 1 minute; for existing ones up to 5."
KNOWN_FOR, UNKNOWN_FOR = 300.0, 60.0


@dataclass(frozen=True)
class Asked:
    """One `call.settings`: its time, number, and the `otherLeg` of the answer; None is an unknown client."""

    when: datetime
    phone: str
    trunk: str | None
    answer: Json | None


class CallSettings:
    def __init__(self, office: Office, sender: Sender, now: Callable[[], datetime]) -> None:
        self.office, self._sender, self._now = office, sender, now
        #: Every question that was put, in order.
        self.asked: list[Asked] = []
        self._kept: dict[str, Asked] = {}

    def forget(self) -> None:
        """The next call of anybody is asked about again."""
        self._kept.clear()

    async def client(self, phone: str, trunk: str | None = None) -> Client:
        """`trunk` is our number that an incoming call came to. Nothing is asked about a hidden number."""
        answer = await self._answer(phone, trunk) if phone else None
        cards = [card for card in (self._told(phone, answer), self._own(phone)) if card]
        return Client(phone, cards or [nobody(phone)], self._responsible(answer))

    async def _answer(self, phone: str, trunk: str | None) -> Json | None:
        kept = self._kept.get(phone)
        if kept is not None and (self._now() - kept.when).total_seconds() < _lasts(kept.answer):
            return kept.answer
        when, reply = self._now(), await self._sender.ask(messages.settings(phone, trunk))
        answer = reply.get("otherLeg") if reply is not None else None
        asked = Asked(when, phone, trunk, answer if isinstance(answer, dict) else None)
        self.asked.append(asked)
        if reply is not None:
            self._kept[phone] = asked
        return asked.answer

    def _told(self, phone: str, answer: Json | None) -> Json | None:
        return answer and _card(1, None, answer.get("name"), phone, None, answer.get("url"))

    def _own(self, phone: str) -> Json | None:
        for card in self.office.contacts.with_number(phone):
            company = next(iter(contacts.values(card, (contacts.COMPANY,))), None)
            url = f"{self.office.base_url}/features/crm/contacts/edit.jsp#/?id={card['id']}"
            return _card(2, card["id"], contacts.name(card), phone, company, url)
        return None

    def _responsible(self, answer: Json | None) -> Employee | None:
        """The extension is looked at first, then the e-mail."""
        for name in ("responsibleEmployeeExt", "responsibleEmployeeEmail"):
            try:
                return self.office.employee(str((answer or {}).get(name) or ""))
            except NoSuch:
                continue
        return None


def _lasts(answer: Json | None) -> float:
    known = answer is not None and bool(answer.get("name")) and not answer.get("newEntry")
    return KNOWN_FOR if known else UNKNOWN_FOR


def nobody(num: str) -> Json:
    """What `otherLegs` holds of a client whom nobody knows."""
    return _card(1, None, None, num, None, None)


def _card(priority: int, ident: object, name: object, num: str, company: object, url: object) -> Json:
    return {
        "id": ident,
        "name": name,
        "num": num or None,
        "companyName": company,
        "url": url,
        "priority": priority,
    }
