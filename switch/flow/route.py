"""Who is asked: the first route whose every named key matches."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class Route(msgspec.Struct, frozen=True):
    peer: str
    service: str | None = None
    biller: str | None = None
    account_prefix: str | None = None
    card_prefix: str | None = None

    def matches(self, service: str, biller: str, account: str, card: str) -> bool:
        return (
            self.service in (None, service)
            and self.biller in (None, biller)
            and (self.account_prefix is None or account.startswith(self.account_prefix))
            and (self.card_prefix is None or card.startswith(self.card_prefix))
        )


def find_route(
    routes: Sequence[Route], service: str, biller: str = "", account: str = "", card: str = ""
) -> str | None:
    """The peer's name, or None: no route (92)."""
    for route in routes:
        if route.matches(service, biller, account, card):
            return route.peer
    return None
