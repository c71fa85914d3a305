"""A call's recording on its way to us: what it is, and why it may not come.

PbxError
└── NoRecording      asking again at once helps nobody
    ├── NotThere     404 or 410: not yet, or not any more
    ├── Forbidden    the address is none that recordings may come from
    ├── NotSound     something else came
    └── TooBig       more than Telegram takes
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum

from pbx.errors import PbxError

#: Bytes. A bot may upload files of 50 MB.
MOST_BYTES = 50_000_000


class NoRecording(PbxError):
    """A recording can't be had."""


class NotThere(NoRecording):
    """The PBX has no such file. A 410 says that it had one; a 404 may also mean that it is still being written."""


class Forbidden(NoRecording):
    """Not one of the PBX's own addresses or of `recording_hosts`, or a name that leads into a private network."""


class NotSound(NoRecording):
    """A page or the like instead of a recording."""


class TooBig(NoRecording):
    """`size` in bytes, None where the PBX does not say and we stopped reading."""

    def __init__(self, message: str, *, size: int | None = None) -> None:
        super().__init__(message)
        self.size = size


class Format(StrEnum):
    """How the sound is written; the value is what its file is called."""

    MP3 = "mp3"
    M4A = "m4a"
    WAV = "wav"
    OGG = "ogg"
    UNKNOWN = "bin"


@dataclass(frozen=True, slots=True)
class Recording:
    """Read piece by piece; `content_type` in lower case without its parameters, `length` in bytes if it was told."""

    content_type: str
    length: int | None
    chunks: AsyncIterator[bytes]


#: How a file of each kind begins: at which byte, with what.
BEGINNINGS = (
    (0, b"ID3", Format.MP3),
    (8, b"WAVE", Format.WAV),
    (0, b"OggS", Format.OGG),
    (4, b"ftyp", Format.M4A),
)
TYPES = {
    "audio/mpeg": Format.MP3,
    "audio/mp3": Format.MP3,
    "audio/x-mp3": Format.MP3,
    "audio/mp4": Format.M4A,
    "audio/m4a": Format.M4A,
    "audio/x-m4a": Format.M4A,
    "audio/wav": Format.WAV,
    "audio/x-wav": Format.WAV,
    "audio/wave": Format.WAV,
    "audio/vnd.wave": Format.WAV,
    "audio/ogg": Format.OGG,
    "audio/opus": Format.OGG,
    "application/ogg": Format.OGG,
}


def format_of(beginning: bytes, content_type: str) -> Format:
    """By the first bytes, which can't be mislabelled; else by what the PBX called it."""
    for at, words, found in BEGINNINGS:
        if beginning[at : at + len(words)] == words:
            return found
    if len(beginning) > 1 and beginning[0] == 0xFF and beginning[1] & 0xE6 == 0xE2:  # a bare MPEG layer III frame
        return Format.MP3
    return TYPES.get(content_type, Format.UNKNOWN)


def is_sound(content_type: str) -> bool:
    """Whether a recording may call itself so. Nothing at all, and "some bytes", are common."""
    bare = ("", "application/octet-stream", "binary/octet-stream", "application/ogg", "video/mp4")
    return content_type.startswith("audio/") or content_type in bare
