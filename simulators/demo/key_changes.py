"""New keys for everybody while the traffic runs: ordered as an operator would, confirmed by what the store then has.

Rule: every endpoint that has a key-encryption key is told, over the admin socket. A key has changed when the store has
another one and none is staged any more, which is when the other side has taken it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import trio

from config.key_checks import CHANGING, endpoints
from config.settings import Settings
from switch.commands.orders import ask_switch
from switch.flow.orders import ChangeKeys
from switch.security.keys.store import StoredKey, read_keys

TAKEN_WITHIN_S = 10.0
LOOK_EVERY_S = 0.05
WHO, WHY = "demo", "half of the payments are made"


@dataclass(frozen=True)
class KeyChanges:
    """The keys that were to change, and those of them that did."""

    wanted: frozenset[str] = frozenset()
    made: frozenset[str] = frozenset()

    def problems(self) -> list[str]:
        return [f"key not changed: {name}" for name in sorted(self.wanted - self.made)]


def changing(settings: Settings) -> dict[str, frozenset[str]]:
    """The keys that change on the line, by the place of their endpoint."""
    return {
        place: frozenset(
            name for name in (endpoint.mac, endpoint.pin) if name is not None and settings.keys[name].use in CHANGING
        )
        for place, endpoint in endpoints(settings)
        if endpoint.kek is not None
    }


async def change_all(settings: Settings) -> KeyChanges:
    """Order it, and wait until everybody has taken theirs."""
    wanted = frozenset[str]().union(*changing(settings).values())
    before = _stored(settings)
    for place in changing(settings):
        order = ChangeKeys(place, WHO, WHY)
        await trio.to_thread.run_sync(ask_switch, settings.switch.admin_socket, order)
    with trio.move_on_after(TAKEN_WITHIN_S):
        while _made(wanted, before, _stored(settings)) != wanted:  # noqa: ASYNC110 - another process's file
            await trio.sleep(LOOK_EVERY_S)
    return KeyChanges(wanted, _made(wanted, before, _stored(settings)))


def _stored(settings: Settings) -> Mapping[str, StoredKey]:
    return read_keys(settings.security.store)


def _made(wanted: frozenset[str], before: Mapping[str, StoredKey], after: Mapping[str, StoredKey]) -> frozenset[str]:
    return frozenset(name for name in wanted if after[name].kcv != before[name].kcv and after[name].next is None)
