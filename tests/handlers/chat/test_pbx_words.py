"""What went wrong with a PBX, in words that say what to do."""

from datetime import timedelta
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from handlers.chat.pbx_words import trouble
from handlers.chat.texts import Texts
from pbx.errors import AuthFailed, BadPayload, PbxError, RateLimited, Rejected, Unavailable, Unsupported
from pbx.phone_system import Incapable, PhoneSystem

SAY = Texts("en", ZoneInfo("Europe/Moscow"))


class Lacking(Incapable):
    """A vendor that can do nothing."""

    vendor = "lacking"
    id = "main"


PBX = cast(PhoneSystem, Lacking())


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Unavailable("GET /x: 502"), "PBX main does not answer. Try again in a minute."),
        (
            RateLimited("429", retry_after=timedelta(seconds=40)),
            "PBX main is asked too often just now. Try again in 40 s.",
        ),
        (Rejected("400", reason="no <such> user"), "PBX main refused: no &lt;such&gt; user. Check what you sent"),
        (Rejected("400"), "PBX main refused and gave no reason."),
        (
            AuthFailed("403", missing_right="Черный список → Просмотр"),
            "The key of PBX main lacks a right. An administrator must allow it in the PBX's cabinet: "
            "“Черный список → Просмотр”.",
        ),
        (AuthFailed("401"), "PBX main refuses our key. An administrator must put a valid one"),
        (BadPayload("not JSON"), "PBX main gave an answer I can't read."),
        (PbxError("odd"), "PBX main did not do it."),
    ],
)
def test_each_trouble_has_its_words(error: PbxError, words: str) -> None:
    assert str(trouble(error, SAY, PBX)).startswith(words)


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: PBX.blacklist(), "PBX main has no blacklist."),
        (lambda: PBX.employees(), "PBX main can't list its employees."),
        (lambda: PBX.departments(), "PBX main can't list its departments."),
        (lambda: PBX.our_numbers(), "PBX main can't list its numbers."),
        (lambda: PBX.make_call("a", "+1"), "PBX main can't start calls for us. Dial from your phone."),
        (lambda: PBX.active_calls(), "PBX main doesn't show the calls going on."),
        (lambda: PBX.hang_up("1"), "PBX main can't end a call for us. Hang up on the phone."),
        (lambda: PBX.set_receives_calls("a", True), "PBX main has no do-not-disturb that we could switch."),
        (
            lambda: PBX.set_receives_department_calls("a", None, True),
            "PBX main can't switch the calls of a department.",
        ),
        (lambda: PBX.set_number_enabled("1", True), "PBX main can't switch a number on or off."),
        (lambda: PBX.blocks_anonymous(), "PBX main can't refuse calls with a hidden number as a whole."),
        (lambda: PBX.client_card("+1"), "PBX main has no address book."),
        (lambda: PBX.transcript("r"), "PBX main writes no transcripts."),
        (lambda: PBX.responsible_for("+1"), "PBX main keeps no responsible employees."),
        (lambda: PBX.final_words([]), "PBX main can't be asked about one call."),
        (lambda: PBX.poll(None), "PBX main can't do this."),
    ],
)
async def test_what_a_vendor_lacks_is_named(ask: object, words: str) -> None:
    with pytest.raises(Unsupported) as caught:
        await ask()  # type: ignore[operator]
    assert str(trouble(caught.value, SAY, PBX)).startswith(words)
