"""The tables of the configuration file, one struct each, with those of `security_sections` the only list of its keys,
types, defaults and meanings.

Rule: everything that is said about a key stands in its annotation, so that the reader (`config.read`), its
messages and the printed reference (`config.reference`) can't disagree. Values are checked when a file is
read; code that builds a struct itself (tests, the simulation) is trusted. A `name` is not a key of the file:
it holds the table's own name.
"""

from typing import Annotated

from msgspec import Meta, Struct

from config.choices import (
    Channel,
    Dialect,
    Language,
    LedgerMode,
    LogLevel,
    Offer,
    OriginalLayout,
    PeerKind,
    Per,
    Weekday,
)
from config.security_sections import HsmSettings, KeySettings, SecuritySettings, TlsSettings
from config.values import (
    AmountMinor,
    Bytes,
    CalendarDate,
    Charset,
    Code,
    Count,
    Day,
    Framing,
    Host,
    Institution,
    ListenPort,
    Name,
    PeerPort,
    Pin,
    Prefix,
    Seconds,
    ServerName,
    TerminalPattern,
    TimeOfDay,
    about,
)
from switch.wire.framing import FRAME_SIZE_MAX

# The codes of field 39 that are a definite refusal where a peer speaks the switch's own codes. 30 and 63 are
# left out: an answer that carries them may have no MAC.
DEFINITE_REFUSALS = (
    *("12", "13", "14", "40", "51", "54", "55", "57", "58", "61", "62", "64", "65"),
    *("75", "76", "80", "81", "82", "83", "84", "92"),
)


class SwitchSettings(Struct, frozen=True, kw_only=True):
    """The switch itself and the bank it stands at."""

    forwarder: Annotated[
        str,
        about(
            "field 33 of questions to the core and the billers; empty: none",
            "up to 11 digits",
            r"\A[0-9]{0,11}\Z",
        ),
    ] = ""
    bank_prefixes: Annotated[
        tuple[Prefix, ...], about("how account numbers of this bank begin; others are answered 76")
    ]
    currency: Annotated[str, about("the currency that is taken, ISO 4217 number", "3 digits", r"\A[0-9]{3}\Z")] = "760"
    timezone: Annotated[str, about("the zone of fields 12 and 13 and of the business day, IANA name")] = "Asia/Damascus"
    answer_within_s: Annotated[Seconds, about("every request is answered within this time")] = 25
    language: Annotated[Language, about("the customers' language where nothing else names one")] = Language.ARABIC
    retry_first_s: Annotated[Seconds, about("an advice or status query is repeated after this, then twice this…")] = 1
    retry_most_s: Annotated[Seconds, about("…and at least this often")] = 300
    give_up_after_s: Annotated[Seconds, about("a payment still without outcome after this is an operator's case")] = (
        86400
    )
    requests_open_max: Annotated[Count, about("requests open on one connection; beyond that it is not read")] = 64
    in_progress_max: Annotated[
        Count,
        about("requests in progress in all; beyond that an inquiry is 91 at once, a payment 09, neither begun"),
    ] = 1000
    workers: Annotated[
        Annotated[int, Meta(ge=1, le=16)],
        about(
            "processes that serve the ports together, one a core; each has connections of its own to the peers and to "
            "the hardware module; above 1 no endpoint may have a kek or a dukpt key"
        ),
    ] = 1
    admin_socket: Annotated[
        str | None,
        about(
            "the Unix socket that takes operators' orders, its owner's only; relative as the ledger's; absent: as the "
            "ledger's with -admin in its name; empty: none"
        ),
    ] = None


class LedgerSettings(Struct, frozen=True, kw_only=True):
    """The books: the only owner of durable state."""

    database: Annotated[str, about("the ledger's file; a relative path starts at this file's directory")]
    socket: Annotated[str, about("the ledger process's Unix socket; relative as above")]
    mode: Annotated[LedgerMode, about("in its own process, or inside the switch (for trying out)")] = LedgerMode.PROCESS
    linger_ms: Annotated[
        Annotated[int, Meta(ge=0, le=50)],
        about("when others came shortly before, a commit waits this long for more to share it with; 0: never"),
    ] = 0


class ListenerSettings(Struct, frozen=True, kw_only=True):
    """A port where one kind of channel connects, and for whom those connections may speak."""

    name: str = ""
    channel: Annotated[Channel, about("what connects here; limits and figures are told apart by it")] = Channel.MOBILE
    host: Annotated[Host, about("the address to listen on")] = "127.0.0.1"
    port: Annotated[ListenPort, about("0: any free one")]
    framing: Annotated[Framing, about("how a message is cut out of the stream")] = "length2"
    dialect: Annotated[Dialect, about("how its fields are encoded")] = Dialect.ASCII
    charset: Annotated[Charset, about("the character set of texts that people read")] = "utf-8"
    original_layout: Annotated[OriginalLayout, about("how field 90 names an original")] = OriginalLayout.ISO
    mac: Annotated[Name | None, about("the key of fields 64 and 128; absent: no MAC")] = None
    mac_network: Annotated[bool, about("0800 and 0810 carry a MAC too")] = False
    pin: Annotated[Name | None, about("the key of PIN blocks (pin or dukpt); absent: no PIN is taken")] = None
    kek: Annotated[Name | None, about("new keys travel under this one (0800/161, 162); absent: keys stay")] = None
    signs_on_within_s: Annotated[Seconds, about("a connection that has not signed on after this is closed")] = 30
    acquirers: Annotated[tuple[Institution, ...], about("field 32 that may be spoken for here, else 58")]
    terminals: Annotated[tuple[TerminalPattern, ...], about("field 41 that may be spoken for here, else 58")] = ("*",)
    notes_minor: Annotated[
        tuple[AmountMinor, ...], about("the notes its machines dispense; an amount they can't make is 13")
    ] = ()
    language: Annotated[Language | None, about("the customers' language here; absent: switch.language")] = None
    connections_max: Annotated[Count, about("connections in all")] = 256
    connections_per_peer_max: Annotated[Count, about("connections from one address")] = 64
    idle_s: Annotated[Seconds, about("a connection without traffic is closed after this")] = 180
    frame_s: Annotated[Seconds, about("a message once begun must be whole within this")] = 10
    frame_size_max: Annotated[Bytes, about("the largest message in bytes; a larger one closes the connection")] = (
        FRAME_SIZE_MAX
    )
    tls: Annotated[Name | None, about("the [tls.NAME] that we are here; absent: clear text, on loopback only")] = None
    pins: Annotated[
        tuple[Pin, ...], about("the keys that a client's certificate may have, the current and the next; []: any")
    ] = ()
    handshake_s: Annotated[Seconds, about("the TLS handshake must be done within this")] = 5
    cleartext_off_loopback: Annotated[
        bool, about("true: without TLS, though others can reach it; only where the network itself is secured")
    ] = False


class PeerSettings(Struct, frozen=True, kw_only=True):
    """A host that the switch connects to and asks: the bank core, or a biller."""

    name: str = ""
    kind: Annotated[PeerKind, about("what it does for a payment")]
    host: Annotated[Host, about("the address to connect to")] = "127.0.0.1"
    port: Annotated[PeerPort, about("the port to connect to")]
    framing: Annotated[Framing, about("as for a listener")] = "length2"
    dialect: Annotated[Dialect, about("as for a listener")] = Dialect.ASCII
    charset: Annotated[Charset, about("as for a listener")] = "utf-8"
    original_layout: Annotated[OriginalLayout, about("as for a listener")] = OriginalLayout.ISO
    mac: Annotated[Name | None, about("as for a listener")] = None
    mac_network: Annotated[bool, about("as for a listener")] = False
    pin: Annotated[Name | None, about("the key that PIN blocks are translated to, core only")] = None
    kek: Annotated[Name | None, about("as for a listener")] = None
    connections: Annotated[Annotated[int, Meta(ge=1, le=64)], about("connections kept open")] = 2
    timeout_s: Annotated[Seconds, about("a question unanswered for this long is silent, never declined")] = 10
    echo_after_s: Annotated[Seconds, about("an idle connection is tried with 0800/301 after this")] = 60
    idle_s: Annotated[Seconds, about("a connection without traffic is closed after this")] = 180
    frame_s: Annotated[Seconds, about("a message once begun must be whole within this")] = 10
    frame_size_max: Annotated[Bytes, about("the largest message in bytes")] = FRAME_SIZE_MAX
    requests_open_max: Annotated[Count, about("questions open at this peer; beyond that it is unreachable")] = 256
    offers: Annotated[tuple[Offer, ...], about("what it can do when an outcome is not known, billers only")] = ()
    request_lifetime_s: Annotated[
        Seconds, about("it acts on no request older than this; before that its 'not found' proves nothing")
    ] = 86400
    skew_s: Annotated[Annotated[float, Meta(ge=0, le=3600)], about("its clock may differ from ours by this")] = 5
    refusals: Annotated[tuple[Code, ...], about("answers that are a definite, final decline; any other is silence")] = (
        DEFINITE_REFUSALS
    )
    open: Annotated[bool, about("false: closed for now, answered 40")] = True
    remembers_reversals: Annotated[
        bool,
        about("a reversal that overtakes its original is remembered and the original refused, core only"),
    ] = True
    reconciles: Annotated[
        bool, about("asked for its totals of a business day (0500) once the day is closed; false: never asked")
    ] = True
    tls: Annotated[Name | None, about("as for a listener")] = None
    tls_name: Annotated[
        ServerName | None, about("the name that its certificate must have (DNS or IP); absent: the host")
    ] = None
    pins: Annotated[tuple[Pin, ...], about("the keys that its certificate may have, as for a listener")] = ()
    cleartext_off_loopback: Annotated[bool, about("as for a listener")] = False

    @property
    def certificate_name(self) -> str:
        """What its certificate must be for."""
        return self.tls_name or self.host


class BillerSettings(Struct, frozen=True, kw_only=True):
    """A biller that customers can pay; the table's name is its code in field 98."""

    name: str = ""
    peer: Annotated[Name, about("the peer that answers for it")]
    name_ar: Annotated[str, about("its name in Arabic")]
    name_en: Annotated[str, about("its name in English")]
    open: Annotated[bool, about("false: known but not open, answered 40")] = True


class CurrencySettings(Struct, frozen=True, kw_only=True):
    """The one day on which the currency dropped zeros and kept its number, for books that began before it. Books that
    begin later have no such table."""

    new_from: Annotated[
        Day, about("the first business day whose amounts are in the new unit; empty: it never changed")
    ] = ""
    old_per_new: Annotated[
        Annotated[int, Meta(ge=10, le=1000)], about("old units in one new: 10, 100 or 1000", "10, 100 or 1000")
    ] = 100
    both_until: Annotated[Day, about("until this day people are shown amounts in both; empty: never in both")] = ""


class RouteSettings(Struct, frozen=True, kw_only=True):
    """Which peer is asked. Every key that is given must match; the first route that matches wins."""

    service: Annotated[Name | None, about("the service's name")] = None
    biller: Annotated[Name | None, about("the biller's code, field 98")] = None
    account_prefix: Annotated[Prefix | None, about("how the account (field 102 or 103) begins")] = None
    card_prefix: Annotated[Prefix | None, about("how the card number begins")] = None
    peer: Annotated[Name, about("the peer to ask")]


class LimitSettings(Struct, frozen=True, kw_only=True):
    """A ceiling on what one customer, or one machine, may do through a service, in minor units of the currency: where
    [currency] has a change, in those of `from_day`, and worth the same on any other. The first that matches stands, of
    the customer and of the machine each; what is ordered for one customer goes before."""

    service: Annotated[Name, about("the service's name")]
    channel: Annotated[
        Channel | None, about("only through this channel, and counted for it alone; absent: through any")
    ] = None
    per: Annotated[Per, about("whose: one subscriber's or card's, or one terminal's (fields 32 and 41)")] = Per.CUSTOMER
    from_day: Annotated[Day, about("the first business day on which it stands; empty: it stood before")] = ""
    until_day: Annotated[Day, about("the last one; empty: no last one")] = ""
    amount_max: Annotated[AmountMinor | None, about("of one payment; more is 61")] = None
    per_day_amount_max: Annotated[AmountMinor | None, about("of a business day; more is 61")] = None
    per_day_count_max: Annotated[Count | None, about("payments of a business day; more is 65")] = None


class DaysSettings(Struct, frozen=True, kw_only=True):
    """The bank's business days: who opens them, when, and when one that has ended is closed."""

    owner: Annotated[
        str,
        about(
            "who opens them: switch, or the endpoint whose 0800/201 is heard, such as peers.core; an operator "
            "always may",
            "switch, peers.NAME or listeners.NAME",
            r"\Aswitch\Z|\A(?:peers|listeners)\.[A-Za-z0-9][A-Za-z0-9_-]{0,24}\Z",
        ),
    ] = "switch"
    cutover_at: Annotated[
        TimeOfDay | None,
        about(
            "the switch opens the next day at this time of switch.timezone; before noon it is the same date's, else "
            "the next; absent: only by command"
        ),
    ] = None
    closed_weekdays: Annotated[
        tuple[Weekday, ...], about("dates on these are no business days: the schedule and the command pass over them")
    ] = ()
    holidays: Annotated[
        tuple[CalendarDate, ...],
        about("nor are these"),
    ] = ()
    close_within_s: Annotated[
        Seconds, about("a day that has ended is closed after this at the latest; what is open then is carried over")
    ] = 1800
    ahead_max_days: Annotated[
        Annotated[int, Meta(ge=1, le=31)], about("no day is opened further ahead of the calendar, whoever asks for it")
    ] = 7


class ObserveSettings(Struct, frozen=True, kw_only=True):
    """What can be seen from outside."""

    log_level: Annotated[LogLevel, about("the least severe event that is logged")] = LogLevel.INFO
    metrics_port: Annotated[ListenPort, about("Prometheus metrics on this port of loopback; 0: none")] = 0


class FleetSettings(Struct, frozen=True, kw_only=True):
    """The bank's ATMs, for `barada atms`; the switch itself needs none of it."""

    register: Annotated[
        str | None,
        about("the register of the ATMs, a TOML file of its own; relative as the ledger's; absent: none"),
    ] = None
    silent_after_s: Annotated[Seconds, about("an ATM of which nothing was heard for this long is called silent")] = (
        14400
    )


class Settings(Struct, frozen=True, kw_only=True):
    """The whole file. Tables with a name, such as [listeners.mobile], are found by it."""

    switch: SwitchSettings
    ledger: LedgerSettings
    security: SecuritySettings = SecuritySettings()
    hsm: HsmSettings = HsmSettings()
    keys: dict[str, KeySettings] = {}
    tls: dict[str, TlsSettings] = {}
    listeners: dict[str, ListenerSettings] = {}
    peers: dict[str, PeerSettings] = {}
    billers: dict[str, BillerSettings] = {}
    currency: CurrencySettings = CurrencySettings()
    routes: tuple[RouteSettings, ...] = ()
    limits: tuple[LimitSettings, ...] = ()
    days: DaysSettings = DaysSettings()
    observe: ObserveSettings = ObserveSettings()
    fleet: FleetSettings = FleetSettings()
