"""What there is to compare with: the libraries alone, imported and idle. `… PORT`, where it listens then."""

import asyncio
import sys

import aiogram
import aiohttp
import sqlalchemy

IMPORTED = (aiogram, aiohttp, sqlalchemy)


async def idle(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(idle(int(sys.argv[1])))
