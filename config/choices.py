"""The words that a setting may be chosen from.

They are the words of the file: a choice is compared and printed as its own text.
"""

from enum import StrEnum


class Language(StrEnum):
    """A language that the switch speaks to customers (field 63)."""

    ARABIC = "ar"
    ENGLISH = "en"


class Channel(StrEnum):
    """What kind of machine or program stands behind a listener."""

    MOBILE = "mobile"
    ATM = "atm"
    WEB = "web"


class Dialect(StrEnum):
    """How the fields of a message are encoded."""

    ASCII = "iso87-ascii"
    BINARY = "iso87-binary"
    BCD = "iso87-bcd"
    EBCDIC = "iso87-ebcdic"


class OriginalLayout(StrEnum):
    """How field 90 names an original."""

    ISO = "iso"
    BASE24 = "base24"


class PeerKind(StrEnum):
    """What a peer does for a payment."""

    CORE = "core"
    BILLER = "biller"


class Weekday(StrEnum):
    """In the order in which they are numbered, Monday first."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class Offer(StrEnum):
    """What a biller can do when a payment's outcome is not known; it decides how the saga finds out."""

    STATUS_QUERY = "status-query"
    UNDO_REMEMBERED = "undo-remembered"
    UNDO_FORGOTTEN = "undo-forgotten"
    SAYS_UNKNOWN = "says-unknown"
    REPEATS = "repeats"


class KeyUse(StrEnum):
    """The one thing that a key is for."""

    MAC = "mac"
    PIN = "pin"
    DUKPT = "dukpt"  # a base derivation key: the PIN keys of terminals are derived from it
    KEK = "kek"  # a key-encryption key: other keys travel under it
    STORAGE = "storage"


class ModuleKind(StrEnum):
    """Where keys work."""

    SOFT = "soft"
    PAYSHIELD = "payshield"


class KeyAlgorithm(StrEnum):
    """The algorithm that a key is used with."""

    RETAIL = "retail"
    AES_CMAC = "aes-cmac"
    TDES = "tdes"
    AES = "aes"


class Per(StrEnum):
    """Whose use a limit bounds."""

    CUSTOMER = "customer"
    TERMINAL = "terminal"


class LedgerMode(StrEnum):
    """Where the ledger runs."""

    PROCESS = "process"
    INLINE = "inline"


class LogLevel(StrEnum):
    """The least severe event that is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
