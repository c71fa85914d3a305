"""A recording comes out of each PBX as it gives it: with a key or without, as MP3 or as WAV."""

import pytest

from desk import directory
from sandbox.phonet import NobodyAnswers, PhonetOffice
from sandbox.telegram import Message
from sandbox.vats_form import Quirks as FormQuirks
from sandbox.vats_form import VatsFormOffice
from sandbox.vats_rest import Quirks, VatsOffice
from tests.handlers.chat.on_the_phone import missed_card
from tests.office import IGOR, Office, Simulated, an_office


async def played(office: Office, card: Message) -> Message:
    """The recording of the call that has closed this card."""
    await office.presses(IGOR, card, "▶️ Recording")
    (sound,) = [one for one in office.cards() if one.media]
    return sound


@pytest.mark.parametrize("needs_key", [False, True])
@pytest.mark.parametrize("vendor", ["vats_rest", "vats_form"])
async def test_a_vats_gives_mp3_with_its_key_or_without(sqlite_url: str, vendor: str, needs_key: bool) -> None:
    async with an_office(sqlite_url, pbxes=[Simulated(vendor)]) as office:
        if vendor == "vats_rest":
            office.simulator(VatsOffice).quirks = Quirks(recording_needs_key=needs_key)
            await office.connected()
        else:
            office.simulator(VatsFormOffice).quirks = FormQuirks(recording_needs_key=needs_key)
            await office.connected(logins={IGOR: "polina"})
        card = await missed_card(office)
        await office.presses(IGOR, card, "Call back")
        sound = await played(office, card)
        assert sound.media is not None
        assert sound.media.kind == "audio"
        assert sound.media.file.content.startswith(b"\xff\xfb")


async def test_phonet_gives_wav_which_goes_as_a_document(sqlite_url: str) -> None:
    async with an_office(sqlite_url, pbxes=[Simulated("phonet")]) as office:
        await directory.refresh(office.desk, "main")
        await office.connected(logins={IGOR: "002"})
        phonet = office.simulator(PhonetOffice)
        await phonet.calls.client_calls("380500000001", "Продажі", NobodyAnswers())
        await office.settle()
        await office.later(seconds=1)
        await office.presses(IGOR, office.cards()[-1], "Call back")
        await office.later(seconds=1)
        sound = await played(office, office.cards()[-1])
        assert sound.media is not None
        assert sound.media.kind == "document"
        assert sound.media.file.content.startswith(b"RIFF")
        assert sound.media.file.name.endswith(".wav")
