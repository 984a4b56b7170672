"""What the configuration says, as the rules take it: the terms of a payment, the currency's scale, the limits."""

from __future__ import annotations

from config.choices import Offer, PeerKind, Per
from config.sections import LimitSettings, PeerSettings, Settings
from ledger.scale import Scale
from switch.flow.ceilings import times
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


def scale_of(settings: Settings) -> Scale:
    """What a business day's amounts are in the books."""
    currency = settings.currency
    if not currency.new_from:
        return Scale()
    return Scale(currency.new_from, currency.old_per_new, currency.both_until)


def limits_of(settings: Settings) -> tuple[Limit, ...]:
    """In the order of the file: the first that matches stands. In units of the books."""
    scale = scale_of(settings)
    return tuple(_limit(limit, scale.units(limit.from_day)) for limit in settings.limits)


def _limit(limit: LimitSettings, units: int) -> Limit:
    return Limit(
        limit.service,
        limit.channel,
        times(limit.amount_max, units),
        times(limit.per_day_amount_max, units),
        limit.per_day_count_max,
        limit.per is Per.TERMINAL,
        limit.from_day,
        limit.until_day,
    )


def _undo_of(peer: PeerSettings) -> Undo:
    if peer.kind is PeerKind.CORE:
        return Undo.REMEMBERED if peer.remembers_reversals else Undo.FORGETFUL
    if Offer.UNDO_REMEMBERED in peer.offers:
        return Undo.REMEMBERED
    return Undo.FORGETFUL if Offer.UNDO_FORGOTTEN in peer.offers else Undo.NONE


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
