"""What a value of the configuration file may be, by kind: its form, and the same in words.

Rule: as in `config.sections`: the form and its words stand together, so that a message can't say what is not checked.
"""

from typing import Annotated

from msgspec import Meta

from switch.wire.framing import LENGTHS


def about(meaning: str, allowed: str | None = None, pattern: str | None = None) -> Meta:
    """What a key means; for a text also its pattern and the pattern in words."""
    return Meta(description=meaning, pattern=pattern, extra={"allowed": allowed} if allowed else None)


def text(pattern: str, allowed: str) -> Meta:
    """The form of a text, and the same in words."""
    return Meta(pattern=rf"\A(?:{pattern})\Z", extra={"allowed": allowed})


Institution = Annotated[str, text("[0-9]{1,11}", "1 to 11 digits")]
Name = Annotated[str, text("[A-Za-z0-9][A-Za-z0-9_-]{0,24}", "up to 25 letters, digits, - and _")]
Host = Annotated[str, text(r"\S{1,255}", "a host name or address")]
ListenPort = Annotated[int, Meta(ge=0, le=65535)]
PeerPort = Annotated[int, Meta(ge=1, le=65535)]
Seconds = Annotated[float, Meta(gt=0, le=30 * 86400)]
AmountMinor = Annotated[int, Meta(ge=1, le=999_999_999_999)]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]
Day = Annotated[str, text("(?:[0-9]{8})?", "a day as YYYYMMDD, or empty")]
Bytes = Annotated[int, Meta(ge=64, le=65535)]
Prefix = Annotated[str, text("[0-9]{1,19}", "1 to 19 digits")]
Charset = Annotated[str, text("[A-Za-z0-9_-]{1,30}", "the name of a character set, such as utf-8 or cp1256")]
Framing = Annotated[
    str,
    text(
        rf"(?:{'|'.join(LENGTHS)})(?:-inclusive)?(?:-tpdu|-header:[\x21-\x7e]{{1,32}})?",
        f"{', '.join(LENGTHS)}; then -inclusive or not; then -tpdu, -header:TEXT or neither",
    ),
]
TerminalPattern = Annotated[
    str,
    text(
        r"[A-Za-z0-9 ]{1,8}|[A-Za-z0-9 ]{0,7}\*",
        "a terminal of up to 8 letters and digits, or a prefix and *",
    ),
]
TimeOfDay = Annotated[str, text("(?:[01][0-9]|2[0-3]):[0-5][0-9]", "HH:MM")]
CalendarDate = Annotated[str, text("[0-9]{4}-[0-9]{2}-[0-9]{2}", "a date in quotation marks as YYYY-MM-DD")]
Code = Annotated[str, text("[0-9A-Z]{2}", "two digits or capital letters")]
PinFormat = Annotated[int, Meta(ge=0, le=4)]
KeyBits = Annotated[int, Meta(ge=128, le=256)]
Pin = Annotated[
    str, text("sha256/[A-Za-z0-9+/]{43}=", "sha256/ and a SHA-256 in base64, as `barada certs show` prints it")
]
ServerName = Annotated[
    str, text("[A-Za-z0-9](?:[A-Za-z0-9.:_-]{0,251}[A-Za-z0-9])?", "a host name or address as a certificate has it")
]
