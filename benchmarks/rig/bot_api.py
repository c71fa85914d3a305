"""As little of Telegram's Bot API as a bot can run against: every method succeeds at once. `… PORT`.

Canned answers and no parsing: what is measured is the bot.
"""

import asyncio
import json
import re
import sys

from benchmarks.rig.load import whole

BOT = {"id": 7000000001, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
MESSAGE = {
    "message_id": 1,
    "date": 1_800_000_000,
    "chat": {"id": 1, "type": "private", "first_name": "A"},
    "text": "x",
}
#: What `getUpdates` waits for, in seconds: nobody writes.
SILENCE = 30.0
_METHOD = re.compile(rb"^POST /bot[^/]+/(\w+)")


def _answer(result: object) -> bytes:
    body = json.dumps({"ok": True, "result": result}).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


ANSWERS = {b"getMe": _answer(BOT), b"sendMessage": _answer(MESSAGE), b"editMessageText": _answer(MESSAGE)}
NO_UPDATES, TRUE = _answer([]), _answer(True)


class Api(asyncio.Protocol):
    """One connection of a bot."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._read = b""

    def data_received(self, data: bytes) -> None:
        self._read += data
        if not whole(self._read):
            return
        found = _METHOD.match(self._read)
        self._read = b""
        method = found[1] if found else b""
        if method == b"getUpdates":
            asyncio.get_running_loop().call_later(SILENCE, self._say, NO_UPDATES)
        else:
            self._say(ANSWERS.get(method, TRUE))

    def _say(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Api, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
