"""A run's settings, drawn: which billers there are and of which kind, what the core remembers, how long things take.

Rule: the demo's settings without TLS, with other peers and shorter times. Most runs go without MACs and in ASCII,
which costs least; every eighth has every MAC and dialect of the demo.
"""

from __future__ import annotations

import random
from functools import lru_cache

import msgspec
from msgspec.structs import replace

from config.choices import Channel
from config.sections import BillerSettings, CurrencySettings, DaysSettings, PeerSettings
from config.settings import Settings, demo_path, load, without_tls
from simulators.world.kinds import KINDS, BillerKind
from switch.services.table import BY_NAME
from switch.wire.dialect import Dialect, dialect_named

CORE_PORT, FIRST_BILLER_PORT = 8600, 8601
BILLERS = 4
RICH_EVERY = 8
# The core may answer when it is too late already to ask the biller.
CORE_TIMEOUT_S, BILLER_TIMEOUT_S, ANSWER_WITHIN_S = 6.9, 3.0, 10.0
SKEW_S = 2.0
GIVE_UP_S = 120.0
IMPATIENT_GIVE_UP_S = 12.0
NEVER_CHANGED = CurrencySettings()


class Scene(msgspec.Struct, frozen=True):
    """`impatient`: payments are given up so early that any of them may need an operator."""

    settings: Settings
    kinds: tuple[BillerKind, ...]
    impatient: bool
    rich: bool
    declines: bool  # hosts refuse a payment now and then

    def kind(self, peer: str) -> BillerKind:
        return next(kind for kind in self.kinds if kind.name == peer)


@lru_cache
def one_dialect(name: str, charset: str = "utf-8", original_layout: str = "iso") -> Dialect:
    """One of each for all runs: what its codec learns of the messages' shapes is not learnt again."""
    return dialect_named(name, charset, original_layout)


@lru_cache(maxsize=1)
def demo_settings() -> Settings:
    """What every scene is drawn from: keys, channels and the core's name are the same in all of them."""
    return load(demo_path(), without_tls(load(demo_path())), services=BY_NAME)


def draw_scene(seed: int, currency: CurrencySettings = NEVER_CHANGED) -> Scene:
    rng = random.Random(f"{seed}:scene")
    first = seed % len(KINDS)
    others = [kind for index, kind in enumerate(KINDS) if index != first]
    kinds = (KINDS[first], *rng.sample(others, BILLERS - 1))
    rich = seed % RICH_EVERY == 0
    impatient = rng.random() < 0.3
    demo = demo_settings()
    peers = {"core": _core(demo, rng, rich)}
    models = [peer for peer in demo.peers.values() if peer.name != "core"]
    for number, kind in enumerate(kinds):
        peers[kind.name] = _biller(models[number], kind, FIRST_BILLER_PORT + number, rng, rich)
    listeners = {
        name: listener if rich else replace(listener, mac=None, dialect=demo.listeners["mobile"].dialect)
        for name, listener in demo.listeners.items()
        if name in ("mobile", "web", "atm")
    }
    ours = replace(
        demo.switch,
        answer_within_s=ANSWER_WITHIN_S,
        retry_first_s=rng.choice((0.5, 1.0)),
        retry_most_s=8,
        give_up_after_s=IMPATIENT_GIVE_UP_S if impatient else GIVE_UP_S,
    )
    billers = {kind.name: BillerSettings(name=kind.name, peer=kind.name, name_ar="", name_en="") for kind in kinds}
    days = DaysSettings(close_within_s=rng.choice((6, 15)), ahead_max_days=31)
    settings = replace(demo, switch=ours, days=days, currency=currency, listeners=listeners, peers=peers)
    settings = replace(settings, billers=billers, limits=())
    assert {listener.channel for listener in listeners.values()} == {Channel.MOBILE, Channel.WEB, Channel.ATM}
    return Scene(settings, kinds, impatient, rich, rng.random() < 0.8)


def _core(demo: Settings, rng: random.Random, rich: bool) -> PeerSettings:
    core = demo.peers["core"]
    return replace(
        core,
        port=CORE_PORT,
        mac=core.mac if rich else None,
        timeout_s=CORE_TIMEOUT_S,
        skew_s=SKEW_S,
        request_lifetime_s=rng.uniform(12, 25),
        remembers_reversals=rng.random() < 0.5,
    )


def _biller(model: PeerSettings, kind: BillerKind, port: int, rng: random.Random, rich: bool) -> PeerSettings:
    plain = demo_settings().peers["core"]
    like = model if rich else replace(model, mac=None, dialect=plain.dialect, framing=plain.framing)
    return replace(
        like,
        name=kind.name,
        port=port,
        timeout_s=BILLER_TIMEOUT_S,
        skew_s=SKEW_S,
        request_lifetime_s=rng.uniform(8, 20),
        offers=kind.offers,
    )
