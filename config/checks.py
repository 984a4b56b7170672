"""What must hold between the keys of a configuration: names exist, numbers fit each other, deadlines in order.

Rule: a check yields the key and what is wrong with it, and never sees the file. All are listed in CHECKS.
"""

from collections.abc import Callable, Collection, Iterator
from zoneinfo import ZoneInfo

from config.choices import Channel, Offer, PeerKind
from config.day_checks import days_are_sound
from config.errors import did_you_mean, one_of, shown
from config.key_checks import KEY_CHECKS
from config.sections import LimitSettings, PeerSettings, Settings
from config.tls_checks import TLS_CHECKS
from config.workers import workers_are_sound
from switch.wire.dates import is_day

Fault = tuple[str, str]

# An undo that overtakes its payment is either remembered or forgotten.
UNDO_KINDS = (Offer.UNDO_REMEMBERED, Offer.UNDO_FORGOTTEN)
# "In progress", "down" and the like decide nothing, whatever a file says; nor is approval a refusal.
NEVER_A_REFUSAL = ("00", "09", "68", "91", "96")
# A Unix socket's path is 108 bytes with its final zero on Linux (unix(7)) and 104 on macOS.
SOCKET_PATH_MAX = 103
# What zeros a currency may have dropped: the books' largest amount (ledger.rules) holds twelve digits times the last.
ZEROS = (10, 100, 1000)
LAST_DAY = "99991231"


def switch_is_sound(settings: Settings) -> Iterator[Fault]:
    zone = settings.switch.timezone
    try:
        ZoneInfo(zone)
    except (KeyError, OSError, ValueError):  # unknown, a directory of the database, not a relative name
        yield "switch.timezone", f"{shown(zone)}: allowed: an IANA zone such as Asia/Damascus"
    if not settings.switch.bank_prefixes:
        yield "switch.bank_prefixes", "[]: allowed: at least one prefix of this bank's account numbers"


def sockets_are_sound(settings: Settings) -> Iterator[Fault]:
    sockets = {"ledger.socket": settings.ledger.socket, "switch.admin_socket": settings.switch.admin_socket or ""}
    for place, path in sockets.items():
        length = len(path.encode())
        if length > SOCKET_PATH_MAX:
            yield place, f"{length} bytes as an absolute path: allowed: up to {SOCKET_PATH_MAX}"
    if len(set(sockets.values())) < len(sockets):
        yield "switch.admin_socket", "the same as ledger.socket: allowed: a path of its own"


def charsets_are_known(settings: Settings) -> Iterator[Fault]:
    for kind, endpoints in (("listeners", settings.listeners), ("peers", settings.peers)):
        for name, endpoint in endpoints.items():
            if not one_byte_each(endpoint.charset):
                wrong = f"{shown(endpoint.charset)}: allowed: a character set that Python knows, such as"
                yield f"{kind}.{name}.charset", f"{wrong} utf-8, cp1256, iso8859-6"


def one_byte_each(charset: str) -> bool:
    """Whether digits and Latin letters are one byte each, which the fields' lengths build upon."""
    try:
        return len("A0".encode(charset)) == 2
    except LookupError:
        return False


def listeners_are_sound(settings: Settings) -> Iterator[Fault]:
    taken: dict[tuple[str, int], str] = {}
    for name, listener in settings.listeners.items():
        address = (listener.host, listener.port)
        if listener.port and taken.setdefault(address, name) != name:
            yield (
                f"listeners.{name}.port",
                f"{listener.port}: allowed: a port that {taken[address]} does not listen on",
            )
        if not listener.acquirers:
            yield f"listeners.{name}.acquirers", "[]: allowed: at least one institution"
        if not listener.terminals:
            yield f"listeners.{name}.terminals", '[]: allowed: at least one terminal, or ["*"] for any'
        if listener.channel is Channel.ATM and listener.pin is None:
            yield f"listeners.{name}.pin", 'missing: allowed: a key with use = "pin", which an ATM needs'


def notes_are_sound(settings: Settings) -> Iterator[Fault]:
    """What makes the smallest note the measure of every amount."""
    for name, listener in settings.listeners.items():
        for note in listener.notes_minor:
            if note % min(listener.notes_minor):
                yield f"listeners.{name}.notes_minor", f"{note}: allowed: multiples of the smallest note"


def peers_are_sound(settings: Settings) -> Iterator[Fault]:
    takes_pins = any(listener.pin for listener in settings.listeners.values())
    for name, peer in settings.peers.items():
        place = f"peers.{name}"
        if peer.kind is PeerKind.CORE and takes_pins and peer.pin is None:
            yield f"{place}.pin", 'missing: allowed: a key with use = "pin", since a listener takes PINs'
        if peer.echo_after_s >= peer.idle_s:
            yield (
                f"{place}.echo_after_s",
                f"{peer.echo_after_s:g}: allowed: less than idle_s, {peer.idle_s:g}",
            )
        for code in set(peer.refusals) & set(NEVER_A_REFUSAL):
            yield (
                f"{place}.refusals",
                f"{shown(code)}: allowed: any but {one_of(NEVER_A_REFUSAL)}, which decide nothing",
            )
        yield from offers_are_sound(place, peer)


def offers_are_sound(place: str, peer: PeerSettings) -> Iterator[Fault]:
    undo = [offer.value for offer in UNDO_KINDS if offer in peer.offers]
    if len(undo) > 1:
        yield f"{place}.offers", f"{one_of(undo)}: allowed: one of these"
    if peer.kind is PeerKind.CORE and set(peer.offers) - {Offer.SAYS_UNKNOWN}:
        yield f"{place}.offers", f"{one_of(peer.offers)}: allowed for a core: {Offer.SAYS_UNKNOWN}"


def deadlines_are_in_order(settings: Settings) -> Iterator[Fault]:
    """One deadline end to end: a biller's is inside the core's, the core's inside the switch's own."""
    cores = [peer for peer in settings.peers.values() if peer.kind is PeerKind.CORE]
    core_s = min((peer.timeout_s for peer in cores), default=settings.switch.answer_within_s)
    for peer in settings.peers.values():
        outer, outer_s = "switch.answer_within_s", settings.switch.answer_within_s
        if peer.kind is PeerKind.BILLER and cores:
            outer, outer_s = "the core's timeout_s", core_s
        if peer.timeout_s >= outer_s:
            yield (
                f"peers.{peer.name}.timeout_s",
                f"{peer.timeout_s:g}: allowed: less than {outer}, {outer_s:g}",
            )


def billers_are_sound(settings: Settings) -> Iterator[Fault]:
    fit = [name for name, peer in settings.peers.items() if peer.kind is PeerKind.BILLER]
    for code, biller in settings.billers.items():
        if biller.peer not in fit:
            wrong = f'{shown(biller.peer)}: allowed: a peer with kind = "biller"'
            yield f"billers.{code}.peer", f"{wrong}: {one_of(fit)}{did_you_mean(biller.peer, fit)}"


def routes_are_sound(settings: Settings) -> Iterator[Fault]:
    for index, route in enumerate(settings.routes):
        place, last = f"routes[{index}]", index == len(settings.routes) - 1
        if route.peer not in settings.peers:
            known = f"{one_of(settings.peers)}{did_you_mean(route.peer, settings.peers)}"
            yield f"{place}.peer", f"{shown(route.peer)}: allowed: {known}"
        if route.biller is not None and route.biller not in settings.billers:
            known = f"{one_of(settings.billers)}{did_you_mean(route.biller, settings.billers)}"
            yield f"{place}.biller", f"{shown(route.biller)}: allowed: {known}"
        if not last and not (route.service or route.biller or route.account_prefix or route.card_prefix):
            yield (
                place,
                "matches everything: allowed: only as the last route, since the first that matches wins",
            )


def limits_are_sound(settings: Settings) -> Iterator[Fault]:
    for index, limit in enumerate(settings.limits):
        if limit.amount_max is limit.per_day_amount_max is limit.per_day_count_max is None:
            needed = "amount_max, per_day_amount_max or per_day_count_max"
            yield f"limits[{index}]", f"no ceiling: allowed: at least one of {needed}"


def currency_is_sound(settings: Settings) -> Iterator[Fault]:
    currency = settings.currency
    for key in ("new_from", "both_until"):
        day = getattr(currency, key)
        if day and not is_day(day):
            yield f"currency.{key}", f"{shown(day)}: allowed: a day of the calendar as YYYYMMDD"
    if currency.old_per_new not in ZEROS:
        yield "currency.old_per_new", f"{currency.old_per_new}: allowed: {one_of(map(str, ZEROS))}"
    if currency.both_until and currency.both_until < (currency.new_from or LAST_DAY):
        yield "currency.both_until", f"{shown(currency.both_until)}: allowed: a day not before currency.new_from"
    yield from limits_say_their_unit(settings)


def limits_say_their_unit(settings: Settings) -> Iterator[Fault]:
    """Which unit was meant can't be guessed: by the wrong one a limit is off by all the zeros that were dropped."""
    if not settings.currency.new_from:
        return
    for index, limit in enumerate(settings.limits):
        has_amount = limit.amount_max is not None or limit.per_day_amount_max is not None
        if has_amount and not limit.from_day:
            wrong = (
                "missing: allowed: the first business day on which it stands, which says in whose unit the amounts are"
            )
            yield f"limits[{index}].from_day", f"{wrong}, since [currency] has a change"


def limits_have_days(settings: Settings) -> Iterator[Fault]:
    for index, limit in enumerate(settings.limits):
        for key in ("from_day", "until_day"):
            day = getattr(limit, key)
            if day and not is_day(day):
                yield f"limits[{index}].{key}", f"{shown(day)}: allowed: a day of the calendar as YYYYMMDD"
        if limit.until_day and limit.until_day < limit.from_day:
            wrong = f"{shown(limit.until_day)}: allowed: {limit.from_day}, its from_day, or a later day"
            yield f"limits[{index}].until_day", wrong


def limits_do_not_hide_each_other(settings: Settings) -> Iterator[Fault]:
    """The first that matches stands: on a day of both, the later one would say what nobody heeds."""
    for index, limit in enumerate(settings.limits):
        for before, other in enumerate(settings.limits[:index]):
            alike = (other.service, other.per) == (limit.service, limit.per)
            if alike and other.channel in (None, limit.channel) and _share_a_day(other, limit):
                wrong = f"limits[{before}] comes first on days of it: allowed: days that it does not have"
                yield f"limits[{index}]", wrong


def _share_a_day(one: LimitSettings, other: LimitSettings) -> bool:
    first = max(one.from_day, other.from_day)
    return all(not limit.until_day or first <= limit.until_day for limit in (one, other))


def services_are_known(settings: Settings, services: Collection[str]) -> Iterator[Fault]:
    """A misspelt service would leave a limit or a route without effect, which nobody would notice."""
    named = [(f"routes[{index}].service", route.service) for index, route in enumerate(settings.routes)]
    named += [(f"limits[{index}].service", limit.service) for index, limit in enumerate(settings.limits)]
    for place, service in named:
        if service is not None and service not in services:
            yield place, f"{shown(service)}: allowed: {one_of(services)}{did_you_mean(service, services)}"


CHECKS: tuple[Callable[[Settings], Iterator[Fault]], ...] = (
    switch_is_sound,
    sockets_are_sound,
    *KEY_CHECKS,
    *TLS_CHECKS,
    charsets_are_known,
    listeners_are_sound,
    notes_are_sound,
    peers_are_sound,
    deadlines_are_in_order,
    billers_are_sound,
    routes_are_sound,
    limits_are_sound,
    currency_is_sound,
    limits_have_days,
    limits_do_not_hide_each_other,
    workers_are_sound,
    days_are_sound,
)
