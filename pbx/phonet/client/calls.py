"""Calls: starting, ending, listing them, and their recordings. Every time is sent in milliseconds, UTC."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from pbx.errors import BadPayload
from pbx.phonet import wire
from pbx.phonet.client.session import Session, objects, read
from pbx.phonet.wire import LgDirection, Track, milliseconds
from pbx.safe_download import Keys
from pbx.transport import Query, Reply

#: The most rows that the PBX gives at once.
MOST_CALLS = 50


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording on its way: WAV or MP3, said by nothing but its content type."""

    content_type: str
    chunks: AsyncIterator[bytes]


class Calls(Session):
    """Sections "Выполнение звонка" to "Получение списка совершенных звонков сотрудников"."""

    async def make_call(self, leg_ext: str, other_leg_num: str) -> wire.StartedCall:
        """Ring the employee with extension `leg_ext`, then `other_leg_num` (with a `+`). Section "Выполнение звонка".

        Never retried: a repeated request rings twice. Errors are 400 and above with a plain text.
        """
        asked = wire.MakeCall(leg_ext=leg_ext, other_leg_num=other_leg_num)
        reply = await self._ask("POST", "/user/makeCall", json=asked.body(), repeatable=False)
        return read(wire.StartedCall, reply.json() or {}, reply)

    async def active_calls(self) -> list[wire.ActiveCall]:
        """Calls going on now. Section "Получение списка активных … звонков". Its times may be in seconds."""
        reply = await self._ask("GET", "/calls/active/v3")
        return [read(wire.ActiveCall, row, reply) for row in objects(reply)]

    async def hangup(self, uuid: str) -> None:
        """End a call or conversation. Section "Завершение звонка/разговора".

        A GET that changes something: never retried, whatever its verb promises.
        """
        await self._ask("GET", f"/calls/active/{quote(uuid, safe='')}/hangup", repeatable=False)

    def company_calls(
        self, time_from: datetime, time_to: datetime, *, directions: Sequence[LgDirection] = ()
    ) -> AsyncIterator[wire.CallRecord]:
        """Ended calls of the company, `company.api`. Section "Получение списка совершенных звонков компании".

        Without `directions` all of them; how several are written the manual does not say, here repeated.
        """
        return self._paged(
            "/calls/company.api", wire.CallRecord, MOST_CALLS, **_period(time_from, time_to, directions)
        )

    def missed_calls(self, time_from: datetime, time_to: datetime) -> AsyncIterator[wire.CallRecord]:
        """Incoming calls still to be returned, `missed.api`: being absent proves nothing.

        Section "Получение списка входящих звонков по которым нужно перезвонить".
        """
        return self._paged("/calls/missed.api", wire.CallRecord, MOST_CALLS, **_period(time_from, time_to))

    def users_calls(
        self, time_from: datetime, time_to: datetime, *, directions: Sequence[LgDirection] = ()
    ) -> AsyncIterator[wire.CallRecord]:
        """Ended calls per employee, pauses among them, `users.api`.

        Section "Получение списка совершенных звонков сотрудников".
        """
        return self._paged("/calls/users.api", wire.CallRecord, MOST_CALLS, **_period(time_from, time_to, directions))

    def recording_url(self, uuid: str, track: Track = Track.BOTH) -> str:
        """Where a call's recording is, once the conversation is over. Note under "Передача событий о звонках"."""
        return f"{self._base}/public/calls/{quote(uuid + track, safe='')}/audio"

    @asynccontextmanager
    async def recording(self, uuid: str, track: Track = Track.BOTH) -> AsyncIterator[Recording]:
        """A recording piece by piece: `GET /rest/public/calls/{uuid}/audio`. It needs no session."""
        async with self._transport.stream(self.recording_url(uuid, track)) as response:
            if not response.is_success:
                body = await response.aread()
                reply = Reply(response.status_code, response.headers, body, "GET a recording")
                raise self._classify(reply) or BadPayload(
                    "GET a recording: an unexpected redirect", status=reply.status
                )
            yield Recording(response.headers.get("content-type", ""), response.aiter_bytes())

    async def recording_keys(self, url: str) -> Keys:
        """Public links need nothing; others, and links that have become private, the session, begun anew once."""
        if "/public/" in url:
            yield {}
        used = self._session or await self._renewed("")
        yield {"Cookie": f"JSESSIONID={used}"}
        yield {"Cookie": f"JSESSIONID={await self._renewed(used)}"}


def _period(start: datetime, end: datetime, directions: Sequence[LgDirection] | None = None) -> Query:
    asked: dict[str, str | int | Sequence[str]] = {"timeFrom": milliseconds(start), "timeTo": milliseconds(end)}
    return {**asked, "directions": [str(int(one)) for one in directions]} if directions else asked
