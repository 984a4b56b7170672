"""The bank and its calendar, as the configuration says them and the engine takes them."""

from __future__ import annotations

from datetime import date, time
from zoneinfo import ZoneInfo

from config.choices import Weekday
from config.sections import Settings
from switch.flow.days import Calendar
from switch.flow.route import Route
from switch.services.service import Bank, BillerFacts


def calendar_of(settings: Settings) -> Calendar:
    days = settings.days
    return Calendar(
        zone=ZoneInfo(settings.switch.timezone),
        owner=days.owner,
        cutover_at=time.fromisoformat(days.cutover_at) if days.cutover_at is not None else None,
        closed_weekdays=frozenset(list(Weekday).index(day) for day in days.closed_weekdays),
        holidays=frozenset(map(date.fromisoformat, days.holidays)),
        close_within_s=days.close_within_s,
        ahead_max_days=days.ahead_max_days,
    )


def bank_of(settings: Settings) -> Bank:
    return Bank(
        prefixes=settings.switch.bank_prefixes,
        currency=settings.switch.currency,
        billers={
            code: BillerFacts(biller.peer, biller.open and settings.peers[biller.peer].open)
            for code, biller in settings.billers.items()
        },
        routes=tuple(
            Route(route.peer, route.service, route.biller, route.account_prefix, route.card_prefix)
            for route in settings.routes
        ),
    )
