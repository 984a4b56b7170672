"""What the numbers are called: data elements, tags of DE 48, and the parts that their values are made of.

Rule: words for people only; nothing is decided by them. The data elements are those of ISO 8583:1987, in the words that
this switch uses for them where the standard leaves their use to the bank.
"""

from __future__ import annotations

from collections.abc import Mapping

from switch.wire.mti import is_ours, is_repeat

FIELD_NAMES: Mapping[str, str] = {
    "t": "message type",
    "p": "bitmap",
    "1": "second bitmap",
    "2": "card number",
    "3": "processing code",
    "4": "amount",
    "5": "amount, settlement",
    "6": "amount, cardholder billing",
    "7": "transmission date and time",
    "8": "fee, cardholder billing",
    "9": "conversion rate, settlement",
    "10": "conversion rate, cardholder billing",
    "11": "trace number (STAN)",
    "12": "local time",
    "13": "local date",
    "14": "expiry date",
    "15": "business day",
    "16": "conversion date",
    "17": "capture date",
    "18": "merchant type",
    "19": "country of the acquirer",
    "20": "country of the card",
    "21": "country of the forwarder",
    "22": "entry mode",
    "23": "card sequence number",
    "24": "network identifier",
    "25": "point of service condition",
    "26": "PIN capture code",
    "27": "approval code length",
    "28": "fee, transaction",
    "29": "fee, settlement",
    "30": "fee, transaction processing",
    "31": "fee, settlement processing",
    "32": "acquirer",
    "33": "forwarder",
    "34": "card number, extended",
    "35": "track 2",
    "36": "track 3",
    "37": "reference number",
    "38": "approval code",
    "39": "response code",
    "40": "service restriction code",
    "41": "terminal",
    "42": "merchant",
    "43": "merchant's name and place",
    "44": "additional response data",
    "45": "track 1",
    "46": "additional data, ISO",
    "47": "additional data, national",
    "48": "private data",
    "49": "currency",
    "50": "currency, settlement",
    "51": "currency, cardholder billing",
    "52": "PIN block",
    "53": "security control information",
    "54": "additional amounts",
    "55": "chip data",
    "56": "reserved, ISO",
    "57": "reserved, national",
    "58": "reserved, national",
    "59": "reserved, national",
    "60": "private use",
    "61": "private use",
    "62": "private use",
    "63": "words for the customer",
    "64": "MAC",
    "65": "third bitmap",
    "66": "reconciliation result",
    "67": "extended payment code",
    "68": "country of the receiver",
    "69": "country of the settler",
    "70": "network management code",
    "71": "message number",
    "72": "last message number",
    "73": "action date",
    "74": "credits, number",
    "75": "credit reversals, number",
    "76": "debits, number",
    "77": "debit reversals, number",
    "78": "transfers, number",
    "79": "transfer reversals, number",
    "80": "inquiries, number",
    "81": "authorizations, number",
    "82": "credits, processing fees",
    "83": "credits, transaction fees",
    "84": "debits, processing fees",
    "85": "debits, transaction fees",
    "86": "credits, amount",
    "87": "credit reversals, amount",
    "88": "debits, amount",
    "89": "debit reversals, amount",
    "90": "original data elements",
    "91": "file update code",
    "92": "file security code",
    "93": "response indicator",
    "94": "service indicator",
    "95": "replacement amounts",
    "96": "message security code",
    "97": "net settlement amount",
    "98": "payee",
    "99": "settling institution",
    "100": "receiving institution",
    "101": "file name",
    "102": "account, from",
    "103": "account, to",
    "104": "description",
    **{str(de): "reserved, ISO" for de in range(105, 112)},
    **{str(de): "reserved, national" for de in range(112, 120)},
    "120": "private use (key block)",
    **{str(de): "private use" for de in range(121, 128)},
    "128": "MAC",
}

# The tags of text for people, in the endpoint's charset. Every other one is digits and plain letters in the dialect's.
TEXT_TAGS = frozenset({"06"})

TAG_NAMES: Mapping[str, str] = {
    "01": "subscriber's mobile number",
    "02": "language",
    "03": "customer's number at the biller",
    "04": "bill id",
    "05": "a bill",
    "06": "a name",
    "07": "activation code",
    "08": "a statement line",
    "09": "biller's receipt number",
    "10": "from day",
    "11": "to day",
    "12": "new PIN block",
    "13": "continuation token",
    "14": "payment asked about",
    "20": "device state",
    "21": "a cassette",
    "22": "a fault",
    "23": "receipt paper",
    "24": "firmware",
    "30": "key check value",
    "31": "bill amount in old pounds",
    "32": "key serial number",
}

MTI_VERSIONS: Mapping[str, str] = {"0": "1987", "1": "1993", "2": "2003", "9": "private"}
MTI_CLASSES: Mapping[str, str] = {
    "1": "inquiry",
    "2": "financial",
    "3": "file action",
    "4": "reversal",
    "5": "reconciliation",
    "6": "administrative",
    "7": "fee collection",
    "8": "network management",
}
MTI_FUNCTIONS: Mapping[str, str] = {
    "0": "request",
    "1": "answer",
    "2": "advice",
    "3": "answer to an advice",
    "4": "notification",
}

ACCOUNT_TYPES: Mapping[str, str] = {"00": "default", "10": "savings", "20": "current", "92": "loan"}
BALANCE_TYPES: Mapping[str, str] = {"01": "ledger balance", "02": "available balance"}
CURRENCIES: Mapping[str, str] = {"760": "SYP", "840": "USD", "978": "EUR"}
NETWORK_CODES: Mapping[str, str] = {
    "001": "sign-on",
    "002": "sign-off",
    "161": "new key",
    "162": "key asked for",
    "201": "cutover",
    "301": "echo",
}
RECONCILIATION_RESULTS: Mapping[str, str] = {"1": "in balance", "2": "out of balance", "3": "day still open"}

_UNKNOWN = "unknown"


def field_name(de: str) -> str:
    """A data element's name; the two bitmaps and the MTI are "p", "1" and "t", as in a decoded message."""
    return FIELD_NAMES.get(de, _UNKNOWN)


def tag_name(tag: str) -> str:
    """A tag of DE 48; those that nobody described pass through the switch all the same."""
    return TAG_NAMES.get(tag, _UNKNOWN)


def mti_words(mti: str) -> str:
    """An MTI in words: 0201 is "financial request, repeat"; a version other than 1987 is said."""
    words = f"{MTI_CLASSES.get(mti[1], _UNKNOWN)} {MTI_FUNCTIONS.get(mti[2], _UNKNOWN)}"
    if is_repeat(mti):
        words += ", repeat"
    return words if is_ours(mti) else f"{words}, version {MTI_VERSIONS.get(mti[0], _UNKNOWN)}"
