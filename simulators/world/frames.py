"""What a frame on the wire is, as far as a trace tells it: its MTI, and STAN where that can be had cheaply."""

from __future__ import annotations

from switch.wire.dialect import BadMessage, Dialect

_ASCII_MTI = 4
_TOLD = ("11", "7", "37", "39", "90")  # nothing personal among them


def explain(dialect: Dialect, body: bytes) -> str:
    """What of a message a story needs."""
    try:
        message = dialect.decode(body)
    except BadMessage:
        return "no message"
    return message.mti + " " + " ".join(f"{de}={message[de]}" for de in _TOLD if de in message)


def peek(body: bytes) -> str:
    """ "0200 123456" of an ISO 8583:1987 message in ASCII; of another dialect, or of no message, "?"."""
    if len(body) < 36 or not body[:20].isalnum() or not body[:4].isdigit():
        return "?"
    try:
        bits = int(body[4:8], 16)  # fields 1 to 16
        at = 36 if bits & 0x8000 else 20
        if bits & 0x4000:
            at += 2 + int(body[at : at + 2])
        at += 6 * (bits >> 13 & 1) + 12 * (bits >> 12 & 1) + 12 * (bits >> 11 & 1) + 12 * (bits >> 10 & 1)
        at += 10 * (bits >> 9 & 1) + 8 * (bits >> 8 & 1) + 8 * (bits >> 7 & 1) + 8 * (bits >> 6 & 1)
    except ValueError:
        return "?"
    stan = body[at : at + 6].decode("ascii", "replace") if bits >> 5 & 1 else ""
    return f"{body[:_ASCII_MTI].decode('ascii')} {stan}"
