"""What there is to compare with: an aiohttp route that reads the same form, and answers 200. `… PORT`."""

import sys

from aiohttp import web


async def receive(request: web.Request) -> web.Response:
    await request.post()
    return web.Response()


def main(port: int) -> None:
    app = web.Application()
    app.router.add_post("/pbx/{id}", receive)
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None)


if __name__ == "__main__":
    main(int(sys.argv[1]))
