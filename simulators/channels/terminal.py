"""Who asks, and when: the fields that every request of a channel carries, whatever its service.

Rule: pure. The clock and the counters are the caller's; a request is a plain dict of data elements, ready to seal.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from config.settings import ListenerSettings
from switch.wire import tlv
from switch.wire.amounts import build_replacement, format_amount
from switch.wire.message import Message
from switch.wire.original import build as build_original
from switch.wire.original import original_of

KEPT_BY_A_REVERSAL = (
    "2",
    "3",
    "4",
    "12",
    "13",
    "22",
    "25",
    "32",
    "33",
    "37",
    "41",
    "42",
    "49",
    "98",
    "102",
    "103",
)


@dataclass(frozen=True, slots=True)
class Terminal:
    """One card acceptor terminal (DE 41) at its acquirer (DE 32) and merchant (DE 42)."""

    acquirer: str
    number: str
    merchant: str
    currency: str = "760"
    language: str = "ar"
    entry_mode: str = "010"  # DE 22: keyed, no PIN entry capability
    condition: str = "00"  # DE 25: normal presentment


def terminal_of(listener: ListenerSettings, number: int, currency: str, entry_mode: str, condition: str) -> Terminal:
    """Terminal `number` of those that the listener takes; there is but one where it names no prefix."""
    stem, any_end, _ = listener.terminals[0].partition("*")
    name = f"{stem}{number:0{8 - len(stem)}d}" if any_end else stem
    language = listener.language or "ar"
    merchant = f"BARADA{listener.name.upper()}"[:15]
    return Terminal(listener.acquirers[0], name, merchant, currency, language, entry_mode, condition)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What makes a request one request: STAN and times as first sent, and the reference kept for the payment's life."""

    stan: str
    transmitted_at: str
    local_time: str
    local_date: str
    reference: str


def stamp(stan: int, now: datetime, zone: tzinfo) -> Stamp:
    """The stamp of trace number `stan` at `now`; DE 37 in the usual form, Julian day and hour and then the STAN."""
    utc, local = now.astimezone(UTC), now.astimezone(zone)
    trace = f"{stan:06d}"
    julian = f"{local.year % 10}{local.timetuple().tm_yday:03d}{local:%H}"
    return Stamp(trace, f"{utc:%m%d%H%M%S}", f"{local:%H%M%S}", f"{local:%m%d}", julian + trace)


def request(
    mti: str,
    processing_code: str,
    terminal: Terminal,
    at: Stamp,
    elements: Mapping[str, str],
    tags: Iterable[tuple[str, str]] = (),
) -> dict[str, str]:
    """A whole request but for its MAC: what every request carries, `elements` of its own, and DE 48 from `tags`."""
    fields = {
        "t": mti,
        "3": processing_code,
        "7": at.transmitted_at,
        "11": at.stan,
        "12": at.local_time,
        "13": at.local_date,
        "22": terminal.entry_mode,
        "25": terminal.condition,
        "32": terminal.acquirer,
        "37": at.reference,
        "41": f"{terminal.number:<8}",
        "42": f"{terminal.merchant:<15}",
    }
    private = tlv.build((("02", terminal.language), *tags))
    return fields | dict(elements) | {"48": private}


def money(amount_minor: int, currency: str) -> dict[str, str]:
    """DE 4 and 49."""
    return {"4": format_amount(amount_minor), "49": currency}


def network(code: str, terminal: Terminal, at: Stamp) -> dict[str, str]:
    """0800 with network management information code `code` (DE 70): 001 sign-on, 002 sign-off, 301 echo."""
    return {
        "t": "0800",
        "7": at.transmitted_at,
        "11": at.stan,
        "32": terminal.acquirer,
        "41": f"{terminal.number:<8}",
        "70": code,
    }


def reversal(original: Mapping[str, str], at: Stamp, *, stands_minor: int = 0, advice: bool = False) -> dict[str, str]:
    """The reversal of `original` (ISO 8583:1987 DE 90); `stands_minor` is what was dispensed of it (DE 95)."""
    kept = {de: original[de] for de in KEPT_BY_A_REVERSAL if de in original}
    own = {"t": "0420" if advice else "0400", "7": at.transmitted_at, "11": at.stan}
    about = {"90": build_original(original_of(Message(dict(original))))}
    if stands_minor:
        about["95"] = build_replacement(stands_minor)
    return kept | own | about
