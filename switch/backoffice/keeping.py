"""Writes to the serving ledger, for a command: a few groups, and what became of each.

Rule: straight to the ledger's own socket, not through the switch. The socket is the same user's alone, like the
switch's; the ledger checks versions, days and contras whoever sends a group; it works for whichever of several workers
began the payment; and the switch's process gets no code that moves money at an operator's word.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from functools import partial

import trio

from ledger.client import RemoteBooks, unix_pipe
from ledger.errors import BooksError
from ledger.model import Group, Outcome, RegisterRow

WITHIN_S = 10.0
TOGETHER = 1000  # below what a client lets wait


def new_id(now: float) -> bytes:
    """16 bytes, the time first, as the books like them."""
    return int(now * 1000).to_bytes(6) + secrets.token_bytes(10)


def keep_rows(path: str, rows: Sequence[RegisterRow], now: float) -> list[Outcome]:
    """Each by itself: another's change of one takes nothing from the others."""
    return submit(path, [Group(new_id(now), registers=(row,)) for row in rows])


def submit(path: str, groups: Sequence[Group]) -> list[Outcome]:
    """BooksError where nobody serves the books there, or the outcome did not come in time: look again, then."""
    found: list[Outcome] = []
    for start in range(0, len(groups), TOGETHER):
        found += trio.run(_submit, path, groups[start : start + TOGETHER])
    return found


async def _submit(path: str, groups: Sequence[Group]) -> list[Outcome]:
    first = unix_pipe(path)
    if first is None:
        raise BooksError(f"{path}: nobody serves the books: nothing is kept; start the switch, or barada ledger serve")
    first.close()
    books = RemoteBooks(path, patience_s=WITHIN_S)
    outcomes: dict[int, Outcome] = {}
    told = trio.Event()

    def hear(place: int, outcome: Outcome) -> None:
        outcomes[place] = outcome
        if len(outcomes) == len(groups):
            told.set()

    with trio.move_on_after(WITHIN_S):
        async with trio.open_nursery() as nursery:
            await nursery.start(books.run)
            for place, group in enumerate(groups):
                books.submit(group, partial(hear, place))
            await told.wait()
            nursery.cancel_scope.cancel()
    if len(outcomes) < len(groups):
        raise BooksError(f"{path}: the ledger does not answer: nobody knows what was kept, look again")
    return [outcomes[place] for place in range(len(groups))]
