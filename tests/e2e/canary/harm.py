"""What goes wrong around the canary's secrets: spoilt frames, strangers at the sockets, and a record that can't be.

Rule: whatever is done here is done from outside, with the secret in hand; what becomes of it is for the search to say.
"""

from __future__ import annotations

import contextlib
import json
import random
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from msgspec.structs import replace

from config.settings import Settings
from ledger.protocol import GROUP, QUERY, frame
from ledger.reader import open_reader
from ledger.store import Store
from switch.flow.payment import from_record, to_record
from tests.e2e.canary.person import NEXT_PIN, PAN

READ_WITHIN_S = 2.0
NOISE = random.Random(5)

SPOILS: dict[str, Callable[[bytes], bytes]] = {
    "its last byte changed": lambda body: body[:-1] + bytes([body[-1] ^ 1]),
    "no MAC": lambda body: body[:-16],
    "cut in half": lambda body: body[: len(body) // 2],
    "twice": lambda body: body * 2,
    "a bit of its bitmap": lambda body: body[:4] + bytes([body[4] ^ 1]) + body[5:],
    "another bit of it": lambda body: body[:7] + bytes([body[7] ^ 4]) + body[8:],
    "the end of its bitmap": lambda body: body[:19] + bytes([body[19] ^ 1]) + body[20:],
    "another version": lambda body: b"2" + body[1:],
    "no MTI": lambda body: b"PAN=" + PAN.encode() + body,
    "noise": lambda body: NOISE.randbytes(20) + PAN.encode() + NOISE.randbytes(20),
}


def strangers(settings: Settings) -> Iterator[bytes]:
    """What the switch says to whoever comes with a secret to a port or a socket that wants none."""
    for listener in settings.listeners.values():
        yield _said((listener.host, listener.port), PAN.encode() * 5_000)
        yield _said((listener.host, listener.port), b"\x00\x20" + PAN.encode())
    order = {"payment": "0" * 32, "action": "retry", "who": "lina", "why": "it is time"}
    for wrong in ({"why": f"card {PAN}"}, {"action": PAN}, {PAN: NEXT_PIN}, {"who": PAN}):
        yield _said(str(settings.switch.admin_socket), json.dumps(order | wrong).encode() + b"\n")
    yield _said(str(settings.switch.admin_socket), PAN.encode() + b"\n")
    for data in (frame(GROUP, 1, PAN.encode()), frame(QUERY, 2, PAN.encode()), PAN.encode() * 100):
        yield _said(settings.ledger.socket, data)
    for path in (PAN, "metrics"):
        head = f"GET /{path} HTTP/1.1\r\nHost: {PAN}\r\nAuthorization: {PAN}\r\n\r\n"
        yield _said(("127.0.0.1", settings.observe.metrics_port), head.encode())


def metrics(settings: Settings) -> bytes:
    return _said(("127.0.0.1", settings.observe.metrics_port), b"GET /metrics HTTP/1.1\r\n\r\n")


def held(books: Path) -> int:
    """How many payments are open, as the books have it now."""
    with closing(open_reader(books)) as connection:
        count: int = connection.execute("SELECT count(*) FROM payments WHERE state = 'HELD'").fetchone()[0]
        return count


def make_impossible(books: Path) -> int:
    """In the books of a switch that is down: every open payment's card number can't be revealed any more, and beside it
    stands a record that can't be read. How many were open."""
    Store(books).close()  # what the tables lack is applied: the next start would do it over what is spoilt here
    with closing(sqlite3.connect(books)) as connection:
        rows = connection.execute("SELECT id, record FROM payments WHERE next_at IS NOT NULL").fetchall()
        for number, (id_, record) in enumerate(rows):
            payment = from_record(record)
            spoilt = to_record(replace(payment, concealed_pan=payment.concealed_pan[::-1]))
            connection.execute("UPDATE payments SET record = ? WHERE id = ?", (spoilt, id_))
            columns = "version, state, service, day, next_at, ?, group_id, batch"
            copied = f"INSERT INTO payments SELECT ?, {columns} FROM payments WHERE id = ?"
            connection.execute(copied, (number.to_bytes(16), record[: len(record) // 2], id_))
        connection.commit()
    return len(rows)


def _said(place: str | tuple[str, int], data: bytes) -> bytes:
    """Everything that comes back until nothing comes for a while."""
    heard = b""
    family = socket.AF_UNIX if isinstance(place, str) else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as connection, contextlib.suppress(OSError):
        connection.settimeout(READ_WITHIN_S)
        connection.connect(place)
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        while part := connection.recv(65536):
            heard += part
    return heard
