"""Free ports on this machine."""

import random
import socket

#: Below those that the system gives to connections by itself: none of these is taken between the look and the use.
RANGE = range(20_000, 30_000)


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    for port in random.SystemRandom().sample(RANGE, 50):
        with socket.socket() as listening:
            try:
                listening.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("fifty ports tried, and none is free")
