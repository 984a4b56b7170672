"""Hosts and their doors, built from the switch's own configuration.

Rule: the configuration says how each peer is reached and what it offers, so a peer built from it keeps exactly
what was declared, in the same dialect and under the same keys. What they are built on (store, edge) is given.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from functools import lru_cache
from zoneinfo import ZoneInfo

from config.settings import Offer, PeerKind, PeerSettings, Settings
from ledger.store import Store
from simulators.bank_core.card_desk import CardDesk
from simulators.bank_core.core import BankCore
from simulators.bank_core.state import CoreState
from simulators.biller.biller import Biller
from simulators.hosts.faults import Faults
from simulators.hosts.journal import Journal
from simulators.hosts.peer import Answerer, PeerServer
from simulators.hosts.terms import Habits, Terms
from simulators.issuer.stripe import Stripe
from simulators.keys import KeyCase
from simulators.people.population import Population
from simulators.secure import peer_tls
from switch.flow.clock import Clock
from switch.net.edge import Edge
from switch.terms import scale_of
from switch.wire.dialect import Dialect, dialect_named
from switch.wire.framing import framing_named

CORE_REFUSAL = "51"
BILLER_REFUSAL = "83"


def core_of(settings: Settings) -> PeerSettings:
    """The peer that is the bank core."""
    return next(peer for peer in settings.peers.values() if peer.kind is PeerKind.CORE)


def biller_peers(settings: Settings) -> tuple[str, ...]:
    """The names of the peers that answer for a biller."""
    return tuple(sorted({biller.peer for biller in settings.billers.values()}))


def build_core(settings: Settings, store: Store, population: Population, clock: Clock, keys: KeyCase) -> BankCore:
    """The bank core on its store; accounts are opened and cards issued if this is the first start. The people must have
    cards of this installation's `stripe_of`."""
    peer = core_of(settings)
    dialect = _dialect(peer)
    state = CoreState(population, _journal(settings, store, clock), _card_desk(settings, keys), dialect.text_out)
    habits = Habits(remembers_undo=peer.remembers_reversals, lifetime_s=peer.request_lifetime_s)
    return BankCore(state, _terms(keys, peer, habits))


def build_biller(
    settings: Settings,
    name: str,
    store: Store,
    population: Population,
    clock: Clock,
    keys: KeyCase,
    habits: Habits | None = None,
) -> Biller:
    """The biller or billers that the peer `name` answers for. `habits` where the configuration doesn't say it all."""
    peer = settings.peers[name]
    dialect = _dialect(peer)
    return Biller(
        population,
        _journal(settings, store, clock),
        frozenset(code for code, biller in settings.billers.items() if biller.peer == name),
        dialect.text_out,
        _terms(keys, peer, habits or habits_of(peer)),
    )


def build_server(
    settings: Settings, name: str, host: Answerer, edge: Edge, faults: Faults, keys: KeyCase
) -> PeerServer:
    """The door of the peer `name`; `serve` opens it."""
    peer = settings.peers[name]
    return PeerServer(
        peer,
        host,
        keys.envelope(peer, _dialect(peer)),
        framing_named(peer.framing, peer.frame_size_max),
        edge,
        faults=faults,
        keys=keys.exchange(peer),
        refusal=CORE_REFUSAL if peer.kind is PeerKind.CORE else BILLER_REFUSAL,
        tls=peer_tls(settings, peer),
    )


def habits_of(peer: PeerSettings) -> Habits:
    """What a biller that offers this does when it is asked to undo, and when it is asked what became of a payment."""
    remembers = Offer.UNDO_REMEMBERED in peer.offers
    return Habits(
        takes_undo=remembers or Offer.UNDO_FORGOTTEN in peer.offers,
        remembers_undo=remembers,
        says_unknown=remembers or Offer.SAYS_UNKNOWN in peer.offers,
        status_query=Offer.STATUS_QUERY in peer.offers,
        lifetime_s=peer.request_lifetime_s,
    )


def stripe_of(settings: Settings, keys: KeyCase) -> Stripe:
    """What makes the cards of this installation's bank: whoever draws its people needs it, as a bank's card maker does.
    The key that PINs are verified under is the core's alone."""
    return Stripe(_secret(keys, core_of(settings)))


def _card_desk(settings: Settings, keys: KeyCase) -> CardDesk:
    peer = core_of(settings)
    if peer.pin is None:
        raise ValueError(f"peers.{peer.name}.pin: the simulated core needs a PIN key")
    return CardDesk(keys.pins(peer.pin), _secret(keys, peer))


def _dialect(peer: PeerSettings) -> Dialect:
    return _one_dialect(peer.dialect, peer.charset, peer.original_layout)


@lru_cache
def _one_dialect(name: str, charset: str, layout: str) -> Dialect:
    """One of each for all hosts of a process: they share what its codec learns of the messages' shapes."""
    return dialect_named(name, charset, layout)


def _terms(keys: KeyCase, peer: PeerSettings, habits: Habits) -> Terms:
    return Terms(habits, peer.charset, peer.original_layout, _secret(keys, peer))


def _journal(settings: Settings, store: Store, clock: Clock) -> Journal:
    zone = ZoneInfo(settings.switch.timezone)
    return Journal(store, lambda: dt.datetime.fromtimestamp(clock.wall(), dt.UTC), zone, scale_of(settings))


def _secret(keys: KeyCase, peer: PeerSettings) -> bytes:
    """What the peer's own keys and check values derive from: of the one key that never changes under way."""
    digest = hashlib.blake2b(peer.name.encode(), digest_size=32, person=b"simulators")
    digest.update(keys.vault.fingerprint(peer.name.encode()))
    return digest.digest()
