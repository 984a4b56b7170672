"""The terms a payment is advanced under, and the limits it is held against, as the configuration says them."""

from __future__ import annotations

from config.choices import Offer, PeerKind, Per
from config.sections import PeerSettings, Settings
from switch.flow.limits import Limit
from switch.flow.terms import Promises, Terms, Undo


def promises_of(peer: PeerSettings) -> Promises:
    """What the configuration says a peer offers. A core answers 25 to a reversal of what it doesn't know."""
    is_core = peer.kind is PeerKind.CORE
    return Promises(
        status_query=Offer.STATUS_QUERY in peer.offers,
        undo=_undo_of(peer),
        repeats=Offer.REPEATS in peer.offers,
        says_unknown=is_core or Offer.SAYS_UNKNOWN in peer.offers,
        lifetime_s=peer.request_lifetime_s,
        refusals=frozenset(peer.refusals),
    )


def _undo_of(peer: PeerSettings) -> Undo:
    if peer.kind is PeerKind.CORE:
        return Undo.REMEMBERED if peer.remembers_reversals else Undo.FORGETFUL
    if Offer.UNDO_REMEMBERED in peer.offers:
        return Undo.REMEMBERED
    return Undo.FORGETFUL if Offer.UNDO_FORGOTTEN in peer.offers else Undo.NONE


def limits_of(settings: Settings) -> tuple[Limit, ...]:
    """In the order of the file: the first that matches stands."""
    return tuple(
        Limit(
            limit.service,
            limit.channel,
            limit.amount_max,
            limit.per_day_amount_max,
            limit.per_day_count_max,
            limit.per is Per.TERMINAL,
            limit.from_day,
            limit.until_day,
        )
        for limit in settings.limits
    )


class AgreedTerms:
    """The terms between a core and a biller, made once for each pair."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._made: dict[tuple[str, str | None], Terms] = {}

    def between(self, core: str, biller: str | None) -> Terms:
        found = self._made.get((core, biller))
        if found is None:
            found = self._made[core, biller] = self._make(core, biller)
        return found

    def _make(self, core: str, biller: str | None) -> Terms:
        asked = [self._settings.peers[name] for name in (core, biller) if name is not None]
        ours = self._settings.switch
        return Terms(
            promises_of(asked[0]),
            promises_of(asked[-1]),
            skew_s=max(peer.skew_s for peer in asked),
            retry_first_s=ours.retry_first_s,
            retry_most_s=ours.retry_most_s,
            give_up_after_s=ours.give_up_after_s,
        )
