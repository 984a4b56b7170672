"""A peer that approves everything with the least work: `python -m simulators.bench.stub CONFIG PEER [KEY=VALUE]...`

Rule: it must not be what is measured, nor take the processor from it. It checks no MAC and keeps nothing; every answer
after the first of its shape is a patched copy (`patches`). It prints the port it listens on and serves until SIGTERM.
"""

import json
import selectors
import socket
import sys

from config.hardening.process import harden
from config.settings import Settings, load
from simulators.bench.patches import Copy, Sealer, Shape, copies, frames_in, places, shape_of
from simulators.keys import KeyCase, keys_of
from simulators.options import override
from switch.wire.answer import ECHOED, answer_fields
from switch.wire.codes import ResponseCode
from switch.wire.dialect import dialect_named

BALANCE = "2001760C0000100000002002760C000010000000"
RECEIPT = "09012RECEIPT00001"
RECEIVE_MAX = 65_536
NETWORK = b"08"


class Stub:
    """Answers for one peer of the configuration."""

    def __init__(self, settings: Settings, name: str, keys: KeyCase) -> None:
        peer = settings.peers[name]
        self._envelope = keys.envelope(peer, dialect_named(peer.dialect, peer.charset))
        self._extra = {"38": "123456", "54": BALANCE} if peer.kind == "core" else {"38": "123456", "48": RECEIPT}
        self._learned: dict[Shape, tuple[Sealer, list[Copy]]] = {}

    def answer(self, question: bytes) -> bytes:
        shape = shape_of(question)
        known = self._learned.get(shape)
        if known is None:
            return self._answer_and_learn(question, shape)
        sealer, echoed = known
        buffer = sealer.buffer
        for to, to_end, start, end in echoed:
            buffer[to:to_end] = question[start:end]
        return sealer.sealed()

    def _answer_and_learn(self, question: bytes, shape: Shape) -> bytes:
        message = self._envelope.open(question)
        network = question.startswith(NETWORK)
        fields = answer_fields(
            message, ResponseCode.APPROVED, language="en", business_date="0101", extra=None if network else self._extra
        )
        body = self._envelope.seal(fields)
        if not network:
            echoed = copies(places(question, self._envelope), places(body, self._envelope), ECHOED)
            self._learned[shape] = Sealer(body, self._envelope), echoed
        return len(body).to_bytes(2) + body


def serve(stub: Stub) -> None:
    """One thread, blocking sends: the switch always reads."""
    with socket.create_server(("127.0.0.1", 0)) as server, selectors.DefaultSelector() as selector:
        selector.register(server, selectors.EVENT_READ)
        buffers: dict[socket.socket, bytearray] = {}
        print(json.dumps({"serving": server.getsockname()[1]}), flush=True)  # noqa: T201 - it is a program
        while True:
            for key, _ in selector.select():
                if key.fileobj is server:
                    caller, _ = server.accept()
                    caller.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    selector.register(caller, selectors.EVENT_READ)
                    buffers[caller] = bytearray()
                else:
                    _attend(key.fileobj, buffers, selector, stub)  # type: ignore[arg-type]


def _attend(
    caller: socket.socket, buffers: dict[socket.socket, bytearray], selector: selectors.BaseSelector, stub: Stub
) -> None:
    try:
        open_still = _answer_all(caller, buffers[caller], stub)
    except ConnectionError:  # a switch that stops does not read the last answers
        open_still = False
    if not open_still:
        selector.unregister(caller)
        caller.close()
        del buffers[caller]


def _answer_all(caller: socket.socket, buffer: bytearray, stub: Stub) -> bool:
    """Whether there is more to come."""
    data = caller.recv(RECEIVE_MAX)
    buffer += data
    caller.sendall(b"".join([stub.answer(frame) for frame in frames_in(buffer) if frame]))
    return bool(data)


if __name__ == "__main__":
    harden()
    config, name, *overrides = sys.argv[1:]
    chosen = load(config, dict(override(text) for text in overrides))
    serve(Stub(chosen, name, keys_of(chosen)))
