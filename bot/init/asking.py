"""The terminal: a question, an answer, and what was wrong with it. Knows nothing of what is asked."""

import getpass
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from bot.words import Words

T = TypeVar("T")
YES, NO = frozenset({"y", "yes", "д", "да", "т", "так"}), frozenset({"n", "no", "н", "нет", "ні"})


class Refused(Exception):
    """An answer that can't be used: what is wrong with it, in words for the person."""


class NothingToAsk(Exception):
    """With `--yes` nobody is asked, and what was given does not do. It was said already."""


class Asker:
    """Asks until the answer is right. What the command line gave is the first answer."""

    def __init__(self, say: Words, given: Mapping[str, str], *, may_ask: bool) -> None:
        self.say = say
        self.may_ask = may_ask
        self._given = dict(given)

    def tell(self, text: str = "") -> None:
        print(text, flush=True)

    def wrong(self, what: str, option: str) -> None:
        """Say what is wrong. Raises `NothingToAsk` where nobody can be asked again."""
        if not self.may_ask:
            print(f"✗ --{option}: {what}", file=sys.stderr, flush=True)
            raise NothingToAsk
        self.tell(f"  ✗ {what}")

    def ask(
        self, option: str, question: str, take: Callable[[str], T], *, default: str = "", secret: bool = False
    ) -> T:
        """`take` makes of an answer what is wanted, or raises `Refused`."""
        while True:
            answer = self._given.pop(option, "") or self._answer(question, default, secret)
            try:
                return take(_printable(answer.strip(), self.say))
            except Refused as no:
                self.wrong(str(no), option)

    def choose(
        self, option: str, question: str, choices: Sequence[tuple[str, str]], *, default: str = "", hint: str = ""
    ) -> str:
        """One of `choices`, value and label, by its number or its value. `hint` helps to choose."""

        def take(answer: str) -> str:
            for number, (value, _) in enumerate(choices, start=1):
                if answer.casefold() in (str(number), value.casefold()):
                    return value
            values = ", ".join(value for value, _ in choices)
            raise Refused(
                self.say("Type a number from 1 to {last}, or one of: {values}.", last=len(choices), values=values)
            )

        if self.may_ask and not self._given.get(option):
            width = max(len(value) for value, _ in choices)
            self.tell()
            for number, (value, label) in enumerate(choices, start=1):
                self.tell(f"  {number}  {value:{width}}  {label}")
            if hint:
                self.tell(hint)
        return self.ask(option, question, take, default=default)

    def sure(self, question: str, *, default: bool) -> bool:
        """Yes or no. Where nobody is asked, `default`."""
        hint = "Y/n" if default else "y/N"
        while self.may_ask:
            answer = input(f"{question} [{hint}]: ").strip().casefold()
            if answer in YES | NO or not answer:
                return answer in YES if answer else default
            self.tell(f"  ✗ {self.say('Type y or n.')}")
        return default

    def _answer(self, question: str, default: str, secret: bool) -> str:
        if not self.may_ask:
            return default
        prompt = f"{question} [{default}]: " if default else f"{question}: "
        # What is pasted does not show, neither to a neighbour nor in the terminal's history.
        hidden = secret and sys.stdin.isatty()
        return (getpass.getpass(prompt) if hidden else input(prompt)) or default


def _printable(answer: str, say: Words) -> str:
    """A terminal may paste more than was copied."""
    if not answer.isprintable():
        raise Refused(say("There are letters in it that can't be seen; copy it again."))
    return answer
