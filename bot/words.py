"""What the command line says, in the language of whoever types there; English stands in the code."""

from collections.abc import Mapping

LANGUAGES = {"en": "English", "ru": "Русский", "uk": "Українська"}
#: English to Russian and Ukrainian.
Table = Mapping[str, tuple[str, str]]


class Words:
    """`say("The bot is @{name}.", name=…)`."""

    def __init__(self, language: str, table: Table) -> None:
        self.language = language
        self._table = table

    def __call__(self, message: str, /, **values: object) -> str:
        told = message if self.language == "en" else self._table[message][0 if self.language == "ru" else 1]
        return told.format(**values)


ENGLISH = Words("en", {})


def language_of(environ: Mapping[str, str]) -> str:
    """The language of this machine if we speak it, else English."""
    spoken = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    return spoken[:2] if spoken[:2] in LANGUAGES else "en"
