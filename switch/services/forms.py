"""How a data element or a tag is written where it can be read at all; anything else is 30 with its place.

Rule: the pattern decides, and the words beside it say the same to people; the published reference prints the words.
What is not listed is not judged. (ISO 8583:1987 names in `wire/names`.)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from switch.wire.figures import COUNTS, NET, SUMS

_MONTH_DAY = "(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
_TIME = "(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]"
_WORD = "(?![0-9A-Z-]*[0-9]{9})[0-9A-Z-]{1,16}"  # no card number fits
_DAY = f"(?:19|20)[0-9][0-9]{_MONTH_DAY}"


class Form(NamedTuple):
    pattern: str
    words: str


FORMS: Mapping[str, Form] = {
    "2": Form("[0-9]{12,19}", "12 to 19 digits"),
    "3": Form("[0-9]{6}", "6 digits"),
    "4": Form("[ -~]{12}", "12 digits in minor units; 12 other characters are 13, not 30"),
    "7": Form(_MONTH_DAY + _TIME, "MMDDhhmmss, UTC"),
    "11": Form("[0-9]{6}", "6 digits"),
    "12": Form(_TIME, "hhmmss, local"),
    "13": Form(_MONTH_DAY, "MMDD, local"),
    "14": Form("[0-9]{2}(?:0[1-9]|1[0-2])", "YYMM"),
    "15": Form(_MONTH_DAY, "MMDD, a business day"),
    "22": Form("[0-9]{3}", "3 digits"),
    "25": Form("[0-9]{2}", "2 digits"),
    "28": Form("[CD][0-9]{8}", "C or D and 8 digits"),
    "32": Form("[0-9]{1,11}", "1 to 11 digits"),
    "33": Form("[0-9]{1,11}", "1 to 11 digits"),
    "35": Form("[0-9]{12,19}[=D][0-9]{7,}[0-9=D]*", "card number, = or D, YYMM, service code, the rest"),
    "37": Form("[0-9A-Za-z]{12}", "12 letters or digits"),
    "41": Form("(?! {8})[ -~]{8}", "8 characters, left justified, not all spaces"),
    "42": Form("[ -~]{15}", "15 characters, left justified"),
    "49": Form("[0-9]{3}", "3 digits, ISO 4217"),
    "52": Form("[0-9A-Fa-f]{16}", "8 bytes; in text 16 hexadecimal digits"),
    **dict.fromkeys(COUNTS, Form("[0-9]{10}", "10 digits, a number")),
    **dict.fromkeys(SUMS, Form("[0-9]{16}", "16 digits in minor units")),
    "90": Form("[0-9A-Za-z ]{42}", "42 characters in the dialect's layout"),
    "95": Form("[0-9]{12}[0-9A-Za-z ]{30}", "12 digits, then 30 characters that are not looked at"),
    NET: Form("[CD][0-9]{16}", "C or D and 16 digits: 88 - 89 - 86 + 87, D where it is positive"),
    "98": Form("(?! {25})[ -~]{25}", "25 characters, left justified, not all spaces"),
    "99": Form("[0-9]{1,11}", "1 to 11 digits"),
    "102": Form("[0-9A-Za-z]{1,28}", "1 to 28 letters or digits"),
    "103": Form("[0-9A-Za-z]{1,28}", "1 to 28 letters or digits"),
}
TAG_FORMS: Mapping[str, Form] = {
    "01": Form("[0-9]{8,15}", "8 to 15 digits, E.164 without +"),
    "03": Form("[ -~]{1,40}", "1 to 40 characters"),
    "04": Form("[ -~]{1,40}", "1 to 40 characters, as the inquiry gave it"),
    "07": Form("[0-9A-Fa-f]{16}|[0-9]{4,12}", "16 hexadecimal digits, or inside TLS 4 to 12 digits"),
    "10": Form(_DAY, "YYYYMMDD"),
    "11": Form(_DAY, "YYYYMMDD, not before tag 10"),
    "12": Form("[0-9A-Fa-f]{16}", "16 hexadecimal digits"),
    "13": Form("[ -~]{1,200}", "1 to 200 characters, as the last answer gave it"),
    "20": Form("IN-SERVICE|OUT-OF-SERVICE|SUPERVISOR", "`IN-SERVICE`, `OUT-OF-SERVICE` or `SUPERVISOR`"),
    "21": Form(
        rf"(?!0+\|)[0-9]{{1,12}}\|(?:[0-9]{{3}}|[A-Z]{{3}})\|[0-9]{{1,6}}\|{_WORD}",
        "denomination in minor units, currency, notes left, state, with `|` between them: `50000|760|1800|OK`",
    ),
    "22": Form(
        rf"{_WORD}\|{_WORD}\|{_WORD}", "component, severity, code, with `|` between them: `DISPENSER|FATAL|0A13`"
    ),
    "23": Form(_WORD, "receipt paper: a word, such as `OK`, `LOW`, `OUT`"),
    "24": Form("(?!.*[0-9]{9})[!-~]{1,20}", "firmware: 1 to 20 characters, no more than 8 digits in a row"),
    "32": Form("[0-9A-Fa-f]{20}([0-9A-Fa-f]{4})?", "20 (TDES) or 24 (AES) hexadecimal digits"),
}
JUDGED_IF_THERE = ("14", "28", "33", "35", "52", "95", "98", "102", "103")
"""What a service need not ask for, but must be well formed where a request has it; so must every tag of TAG_FORMS."""
