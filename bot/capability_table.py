"""The table in `docs/phone-systems.md`: what each phone system can do, made from what the code declares.

`python -m bot.capability_table` writes it anew; a test compares.
"""

from dataclasses import fields
from pathlib import Path

from bot.registry import VENDORS
from pbx.vocabulary import Capabilities

PAGE = Path(__file__).parent.parent / "docs" / "phone-systems.md"
BEGIN, END = "<!-- capabilities -->\n", "<!-- /capabilities -->\n"

#: What each capability means to somebody who chooses a phone system.
MEANING = {
    "webhook": "tells us at once what happens",
    "polling": "is asked for news every few seconds",
    "who_is_calling": "asks who is calling while the phone rings",
    "call_back": "calls from the chat (`/call`, the card's button)",
    "history": "history is read back: nothing missed, `history import`",
    "employees": "list of employees",
    "employee_numbers": "people are linked by their own phone number",
    "roles": "its administrators are managers here",
    "departments": "list of departments",
    "switch_departments": "people switched on and off in departments",
    "staff_departments": "people added to departments and taken out",
    "our_numbers": "list of our numbers",
    "switch_numbers": "our numbers switched on and off",
    "sim_cards": "SIM cards: whose, switched off",
    "operator_lines": "operator lines: up or down, told until they are back",
    "recording_exceptions": "whose calls are not recorded",
    "do_not_disturb": "`/dnd`",
    "presence": "whose phone is connected",
    "active_calls": "calls going on",
    "hang_up": "hanging up a call from the chat",
    "blacklist": "`/blacklist`, the card's Block button",
    "blacklist_comments": "comments in the blacklist",
    "block_anonymous": "hidden numbers refused",
    "ratings": "clients' ratings",
    "recordings": "recordings",
    "transcripts": "transcripts",
    "statistics": "statistics of its own",
    "client_cards": "client cards and notes at the PBX",
    "sources": "tells where clients came from (UTM labels)",
    "responsibles": "knows the employee responsible for a client",
    "line_alerts": "tells when an operator line is lost",
}


def table() -> str:
    """The table as Markdown."""
    names = [vendor.name for vendor in VENDORS.values()]
    head = ["| | " + " | ".join(names) + " |", "|---|" + ":-:|" * len(names)]
    return "\n".join([*head, *(_row(field.name) for field in fields(Capabilities))]) + "\n"


def _row(capability: str) -> str:
    marks = ["✓" if getattr(vendor.capabilities, capability) else "—" for vendor in VENDORS.values()]
    return f"| {MEANING[capability]} | " + " | ".join(marks) + " |"


def page(current: str) -> str:
    """`current` with the table as it should be."""
    before, rest = current.split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + table() + END + after


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
