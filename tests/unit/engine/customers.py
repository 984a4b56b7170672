"""Customers for the bench: what an operator orders about them, and what they ask."""

from __future__ import annotations

from typing import Any

from ledger.model import RegisterRow
from switch.flow.orders import BarHolder, Barring, SetCeiling, Verdict
from switch.flow.subscribers import subscriber_holder
from tests.unit.engine.bench import PINS, SUBSCRIBER, Bench, request

LINA = subscriber_holder(SUBSCRIBER[1])
OTHER = ("01", "963900000002")
PAN = "4000000000000002"


def order(bench: Bench, given: BarHolder | SetCeiling) -> Verdict:
    verdicts: list[Verdict] = []
    bench.engine.customer_orders.take(given, verdicts.append)
    (verdict,) = verdicts
    return verdict


def block(bench: Bench, holder: str = LINA, **more: Any) -> Verdict:
    return order(bench, BarHolder(holder, Barring.BLOCK, "lina", "the telephone was stolen", **more))


def unblock(bench: Bench, holder: str = LINA) -> Verdict:
    return order(bench, BarHolder(holder, Barring.UNBLOCK, "lina", "it was found"))


def ceiling(bench: Bench, service: str = "transfer-own", **figures: Any) -> Verdict:
    return order(bench, SetCeiling(LINA, service, "lina", "asked at the branch", **figures))


def rows(bench: Bench, register: str) -> list[RegisterRow]:
    found: list[Any] = []
    bench.books.register(register, found.append)
    rows: list[RegisterRow] = found[0]
    return rows


def balance(stan: str = "000050", subscriber: tuple[str, str] = SUBSCRIBER) -> dict[str, str]:
    return request("0100", "310000", stan, subscriber, de102="10000000000001")


def activation(stan: str, number: str = SUBSCRIBER[1]) -> dict[str, str]:
    return request("0600", "910000", stan, ("01", number), ("07", PINS.seal("123456", None)), de102="10000000000001")


def paid(bench: Bench, fields: dict[str, str]) -> str | None:
    asked = bench.send(fields)
    if asked.code is None:
        bench.core.say("00")
    return asked.code
