"""The page `docs/desk.md`: who lives in `desk/`, by subject, each in the words of its own first sentence.

`python -m bot.desk_page` writes it anew; a test compares.
"""

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "desk.md"
HEAD = """# Who lives in `desk/`

The rules, by subject. Read downwards it is the life of a call: it comes in, becomes a case, is shown, acted on,
counted, forgotten. Each line is the module's own first sentence; `python -m bot.desk_page` writes them here.
"""

#: What people look for, in the order in which things happen, and the modules about it.
SUBJECTS: dict[str, tuple[str, ...]] = {
    "What comes in": ("intake", "inbox_worker", "happenings", "polling", "reconcile", "read_back", "final_word"),
    "Two tellings of one call": ("partners", "transfers", "history_import"),
    "Calls and cases": (
        "ledger",
        "cases",
        "live_calls",
        "current_calls",
        "call_view",
        "case_view",
        "sources",
        "rated",
    ),
    "Who must hear of it": ("routing", "shown", "escalation", "called_upon", "quiet_hours", "admins"),
    "What chats show": ("delivery", "limits", "views", "live_card", "rolls", "card_menus", "updates"),
    "What people do about a case": (
        "case_acts",
        "calling",
        "claims",
        "claim_span",
        "client_notes",
        "hearing",
        "recordings",
    ),
    "Clients": (
        *("client_names", "contacts", "contact_import", "vcards", "known_clients", "client_lookup", "responsible"),
        *("blacklist", "privacy"),
    ),
    "People": ("access", "roles", "linking", "directory", "presence", "pauses", "whereabouts", "act_log"),
    "What the PBX lets us switch": ("departments", "our_numbers", "lines", "recording"),
    "What a chat decides, and setting up": ("binding", "chat_settings", "walkthrough"),
    "Figures": ("periods", "summaries", "totals", "totalling", "regular_summaries", "summary_csv", "board"),
    "Time": ("clock", "timers", "until", "working_time"),
    "The house itself": ("office", "turns", "tokens", "retention", "status", "health", "pbx_troubles", "meters"),
}


def first_sentence(module: str) -> str:
    """The first paragraph of the module's docstring, on one line."""
    source = (ROOT / "desk" / f"{module}.py").read_text(encoding="utf-8")
    said = ast.get_docstring(ast.parse(source)) or ""
    return " ".join(said.partition("\n\n")[0].split()).replace("``", "`").replace("|", "\\|")


def modules() -> set[str]:
    """Those there are."""
    return {path.stem for path in (ROOT / "desk").glob("*.py")} - {"__init__"}


def page() -> str:
    """The page as it should be."""
    parts = [HEAD]
    for subject, names in SUBJECTS.items():
        rows = [f"| [`{name}`](../desk/{name}.py) | {first_sentence(name)} |" for name in names]
        parts.append("\n".join([f"## {subject}", "", "| module | |", "|---|---|", *rows, ""]))
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
