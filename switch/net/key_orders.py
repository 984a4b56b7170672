"""Carries out an operator's order to change the keys of an endpoint.

Rule: who ordered it and why is counted and logged as with any other order, done or refused. Done means that an exchange
was begun; what became of it the log says, and the key store.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from switch.flow.orders import ChangeKeys, Verdict, unfit
from switch.flow.telling import Counters, Report
from switch.flow.verdicts import Tell, conclude

ACTION = "change-keys"


class ChangesKeys(Protocol):
    """A listener, or a link to a peer."""

    def change_keys(self) -> bool:
        """Whether new keys are on their way."""


class KeyOrders:
    """`endpoints` by their place in the configuration: listeners.NAME, peers.NAME."""

    def __init__(self, endpoints: Mapping[str, ChangesKeys], counters: Counters, report: Report) -> None:
        self._endpoints = endpoints
        self._counters = counters
        self._report = report

    def take(self, order: ChangeKeys, tell: Tell) -> None:
        verdict = self._verdict(order)
        conclude(order, ACTION, verdict, tell, self._counters, self._report, endpoint=order.endpoint)

    def _verdict(self, order: ChangeKeys) -> Verdict:
        fault, endpoint = unfit(order), self._endpoints.get(order.endpoint)
        if fault is not None:
            return Verdict(False, fault)
        if endpoint is None:
            return Verdict(False, "there is no such endpoint")
        if not endpoint.change_keys():
            return Verdict(False, "nobody is signed on there now, or its keys do not change on the line")
        return Verdict(True, "new keys are on their way")
