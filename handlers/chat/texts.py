"""Every word a person reads: English in the code, Russian and Ukrainian in `locales/`, plurals right.

`say("Missed call from {name}", name=…)` translates, then fills in; what is filled in is escaped for HTML unless it is
`Markup` already. `say.count("{n} call", "{n} calls", n)` picks the plural form.
"""

import gettext
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from markupsafe import Markup

from pbx import numbers

LANGUAGES = {"en": "English", "ru": "Русский", "uk": "Українська"}
CATALOGUES = Path(__file__).with_name("locales")


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    """All of a language's `.po` files, compiled in memory: nothing to build, nothing to commit twice."""
    if language == "en":
        return gettext.NullTranslations()
    whole = Catalog(locale=language)
    for path in sorted((CATALOGUES / language).glob("*.po")):
        with path.open("rb") as source:
            for message in read_po(source, locale=language):
                if message.id:
                    whole.add(message.id, message.string)
    compiled = BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@dataclass(frozen=True, slots=True)
class Texts:
    """A language and a time zone to speak in."""

    language: str
    zone: ZoneInfo

    def __call__(self, message: str, /, **values: object) -> Markup:
        """`message` translated and filled in, as HTML."""
        return Markup(_catalogue(self.language).gettext(message)).format(**values)

    def count(self, one: str, many: str, n: int, /, **values: object) -> Markup:
        """The plural form for `n`, which fills in ``{n}``."""
        return Markup(_catalogue(self.language).ngettext(one, many, n)).format(n=n, **values)

    def number(self, number: str | None) -> str:
        """A client's number as people write it; in words if it is hidden."""
        return numbers.display(number) if number else str(self("hidden number"))

    def duration(self, span: timedelta) -> Markup:
        """``45 s``, ``3 min``, ``2 h 5 min``, ``3 d``: as exact as a person wants to know."""
        seconds = max(round(span.total_seconds()), 0)
        if seconds < 100:
            return self("{n} s", n=seconds)
        minutes = round(seconds / 60)
        if minutes < 60:
            return self("{n} min", n=minutes)
        hours, minutes = divmod(minutes, 60)
        if hours < 48:
            return self("{h} h {m} min", h=hours, m=minutes) if minutes else self("{h} h", h=hours)
        return self("{d} d", d=hours // 24)

    def clock(self, moment: datetime) -> str:
        """The local time of day, ``14:05``."""
        return moment.astimezone(self.zone).strftime("%H:%M")

    def when(self, moment: datetime, now: datetime) -> Markup:
        """``today 14:05``, ``yesterday 18:20``, ``12 May 09:00``, in the chat's time zone."""
        local, today = moment.astimezone(self.zone), now.astimezone(self.zone).date()
        if local.date() == today:
            return self("today {time}", time=self.clock(moment))
        if local.date() == today - timedelta(days=1):
            return self("yesterday {time}", time=self.clock(moment))
        pattern = "d MMMM HH:mm" if local.year == today.year else "d MMMM y HH:mm"
        return Markup.escape(format_datetime(local, pattern, locale=self.language))

    def day(self, moment: datetime) -> str:
        """The local date in words, ``21 November``."""
        return str(format_date(moment.astimezone(self.zone), "d MMMM", locale=self.language))

    def short_day(self, moment: datetime, now: datetime) -> str:
        """``21 Nov``, of another year ``21 Nov 2025``."""
        local = moment.astimezone(self.zone)
        same_year = local.year == now.astimezone(self.zone).year
        return str(format_date(local, "d MMM" if same_year else "d MMM y", locale=self.language))


#: Text that is shown as it is, HTML already escaped.
Html = Markup


def joined(*lines: str | Markup | None) -> Markup:
    """Lines under one another, the empty ones left out."""
    return Markup("\n").join(Markup.escape(line) for line in lines if line)
