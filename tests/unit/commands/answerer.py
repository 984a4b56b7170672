"""A switch as `barada send` meets one, in its own process: it answers as the request's processing code asks it to.

Run as a module; prints its port. One connection after the other, until it is terminated.
"""

import socket
import sys

from switch.security.crypto.mac import RetailMac
from switch.security.crypto.pin import PinCipher, parse_format_0
from switch.wire.answer import answer_fields
from switch.wire.codes import ResponseCode
from switch.wire.dialect import dialect_named
from switch.wire.envelope import BadMac, Envelope
from switch.wire.framing import framing_named
from switch.wire.message import Message

MAC_KEY = bytes(range(16))
PIN_KEY = bytes(range(16, 32))
ENVELOPE = Envelope(dialect_named("iso87-ascii"), RetailMac(MAC_KEY))
FORGED = Envelope(ENVELOPE.dialect, RetailMac(MAC_KEY[::-1]))
FRAMING = framing_named("length2")
PIN, PAN = "4711", "4000001234567899"

APPROVES, DECLINES, IS_SILENT, CLOSES, ECHOES_FIRST, FORGES, GARBLES, READS_PIN, ANSWERS_REPEATS, WRONG_FIRST = (
    *("310000", "510000", "600000", "610000", "620000", "630000", "640000", "650000", "660000", "670000"),
)
REFUSES_SIGN_ON = "REFUSED "


def answer(request: Message, code: str = "00", **extra: str) -> dict[str, str]:
    return answer_fields(request, ResponseCode(code), language="en", business_date="1122", extra=extra)


def frames_for(request: Message) -> list[bytes] | None:
    """What to send back; None closes the connection."""
    if request.mti == "0800":
        return [ENVELOPE.seal(answer(request, "91" if request.get("41") == REFUSES_SIGN_ON else "00"))]
    match request.processing_code:
        case "510000":
            return [ENVELOPE.seal(answer(request, "51"))]
        case "600000":
            return []
        case "610000":
            return None
        case "620000":
            return [b"", ENVELOPE.seal({"t": "0800", "7": "1122101530", "11": "000009", "70": "301"})]
        case "630000":
            return [FORGED.seal(answer(request))]
        case "640000":
            return [b"0210" + b"FFFF"]
        case "650000":
            clear = PinCipher(PIN_KEY).decipher(request["52"])
            return [ENVELOPE.seal(answer(request, "00" if parse_format_0(clear, request["2"]) == PIN else "55"))]
        case "660000":
            return [ENVELOPE.seal(answer(request))] if request.mti == "0201" else []
        case "670000":
            return [ENVELOPE.seal(answer(request) | {"11": "999999"}), ENVELOPE.seal(answer(request))]
    return [ENVELOPE.seal(answer(request))]


def serve(connection: socket.socket) -> None:
    buffer, waiting = bytearray(), None
    while data := connection.recv(65_536):
        buffer += data
        for _, body in FRAMING.cut(buffer):
            try:
                request = ENVELOPE.open(body)
            except BadMac as error:
                connection.sendall(FRAMING.wrap(ENVELOPE.seal(answer(error.message, "63"))))
                continue
            if request.mti == "0810" and waiting is not None:
                connection.sendall(FRAMING.wrap(ENVELOPE.seal(answer(waiting))))
                continue
            waiting = request
            frames = frames_for(request)
            if frames is None:
                return
            connection.sendall(b"".join(map(FRAMING.wrap, frames)))


def main() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        sys.stdout.write(f"{server.getsockname()[1]}\n")
        sys.stdout.flush()
        while True:
            connection, _ = server.accept()
            with connection:
                serve(connection)


if __name__ == "__main__":
    main()
