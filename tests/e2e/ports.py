"""Ports of loopback that nobody else takes, whoever runs beside us.

Rule: a process that was killed is started again on its port, so a port that is given must stay free while nobody
listens at it. It lies below those that the kernel deals out itself, and each worker of pytest-xdist deals from a part
of its own.
"""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

FIRST = 10_000
PARTS = 16  # as many workers of ours at a time
DEALT_BY_THE_KERNEL = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_ports(count: int) -> list[int]:
    """None of them was given before, unless all were."""
    return [next(_ports) for _ in range(count)]


def _part() -> range:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    size = (int(DEALT_BY_THE_KERNEL.read_text().split()[0]) - FIRST) // PARTS
    first = FIRST + worker % PARTS * size
    return range(first, first + size)


def _dealt() -> Iterator[int]:
    """Round and round, from somewhere, so that two test runs at a time seldom ask for the same."""
    part = _part()
    at = random.randrange(len(part))
    while True:
        at += 1
        port = part[at % len(part)]
        with suppress(OSError):
            socket.create_server(("127.0.0.1", port)).close()
            yield port


_ports = _dealt()
