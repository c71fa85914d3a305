"""The Dockerfile, read as a builder would: from the lock, as nobody, with nothing in it that should not be."""

import re
import tomllib
from dataclasses import dataclass, field
from fnmatch import fnmatch

from tests.deploy.files import ROOT

#: Of Dockerfile's instructions, those we use.
KNOWN = {"ARG", "FROM", "ENV", "WORKDIR", "RUN", "COPY", "LABEL", "USER", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK"} | {
    "ENTRYPOINT",
    "CMD",
}


@dataclass
class Stage:
    """From one FROM to the next."""

    base: str
    name: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def said(self, instruction: str) -> list[str]:
        return [rest for word, rest in self.steps if word == instruction]


def instructions() -> list[tuple[str, str]]:
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.lstrip().startswith("#")]
    whole = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(word, rest) for line in whole.splitlines() if line.strip() for word, _, rest in [line.partition(" ")]]


def stages() -> list[Stage]:
    found: list[Stage] = []
    for word, rest in instructions():
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            found.append(Stage(base, name))
        elif found:
            found[-1].steps.append((word, rest))
    return found


BUILD, FINAL = stages()


def test_two_stages_on_one_pinned_base() -> None:
    assert {word for word, _ in instructions()} <= KNOWN
    assert (BUILD.base, BUILD.name, FINAL.base) == ("${PYTHON}", "build", "${PYTHON}")
    [base] = [rest for word, rest in instructions()[:1] if word == "ARG"]
    assert re.fullmatch(r"PYTHON=python:3\.\d+\.\d+-slim-[a-z]+", base)


def test_everything_comes_from_the_lock_by_hash() -> None:
    installs = [part for step in BUILD.said("RUN") for part in step.split("&&") if " install " in part]
    assert len(installs) == 2
    assert "--require-hashes --only-binary :all: -r requirements.lock" in installs[0]
    assert "--no-deps ." in installs[1]
    assert not any(" install " in step and "pip" in step for step in FINAL.said("RUN"))


def test_it_runs_as_nobody_in_particular() -> None:
    [user] = FINAL.said("USER")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)
    assert [word for word, _ in FINAL.steps].index("USER") > [word for word, _ in FINAL.steps].index("RUN")


def test_what_is_copied_is_there_and_reaches_the_builder() -> None:
    ignored = [line for line in (ROOT / ".dockerignore").read_text().split() if line and not line.startswith("#")]
    copied = [source for rest in BUILD.said("COPY") for source in rest.split()[:-1]]
    for source in copied:
        assert (ROOT / source).exists(), source
        assert f"!{source}" in ignored
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    rooms = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert set(rooms) <= set(copied)
    assert [rest.split()[0] for rest in FINAL.said("COPY")] == ["--from=build"]


def test_nothing_else_reaches_the_builder() -> None:
    words = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in words
    allowed = [word[1:] for word in words if word.startswith("!")]
    for secret in ("ringdesk.toml", ".git", ".venv", "docs/deploy/secrets/telegram_token", "ringdesk.db", ".env"):
        assert not any(fnmatch(secret, one) or secret.startswith(f"{one}/") for one in allowed)


def test_no_secret_stands_in_it() -> None:
    for word, rest in instructions():
        if word in ("ENV", "ARG", "LABEL"):
            assert not re.search(r"token|secret|password|_key", rest, re.IGNORECASE), rest


def test_health_is_asked_without_any_other_program() -> None:
    [check] = FINAL.said("HEALTHCHECK")
    assert '["python", "-c"' in check
    assert "http://127.0.0.1:8080/healthz" in check
    assert "curl" not in check
