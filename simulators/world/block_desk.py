"""The bank's desk that blocks customers at random moments, and lets them in again; and whether blocks hold.

Rule: a request that a channel first sent after the verdict `blocked now`, and whose approval it heard before the order
that takes the block back was given, was begun in between: it must not have been approved. What the desk was not told,
as where a worker died meanwhile, it does not know, and checks nothing by.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from functools import partial

import trio

from simulators.keys import invented_keys
from simulators.world.errands import Errand
from simulators.world.scene import Scene
from simulators.world.switch_node import SwitchNode
from simulators.world.trace import Trace
from switch.flow.orders import BarHolder, Barring, Verdict
from switch.flow.subscribers import card_holder, subscriber_holder
from switch.flow.verdicts import Tell
from switch.wire.message import Message

EVERY_S = 1.0  # on average
NEXT = 8  # errands, of which one is chosen: somebody who is about to come
LASTS_S = (1.0, 6.0)
TOLD_WITHIN_S = 3.0


class BlockDesk:
    def __init__(
        self, scene: Scene, seed: int, switches: Sequence[SwitchNode], errands: Sequence[Errand], trace: Trace
    ) -> None:
        self._rng = random.Random(f"{seed}:block desk")
        self._vault = invented_keys(scene.settings).vault
        self._switches = switches
        self._trace = trace
        self._errands = errands
        self._spans: dict[str, list[tuple[float, float]]] = {}  # from the verdict to the order that ends it

    async def run(self) -> None:
        """Until nobody comes any more. One block at a time: two desks do not argue here."""
        while True:
            await trio.sleep(self._rng.expovariate(1 / EVERY_S))
            coming = [errand for errand in self._errands if errand.at_s > trio.current_time()][:NEXT]
            if not coming:
                return
            holder = self._holder_of(self._rng.choice(coming))
            if await self._ordered(holder, Barring.BLOCK):
                spans = self._spans.setdefault(holder, [])
                spans.append((trio.current_time(), math.inf))
                await trio.sleep(self._rng.uniform(*LASTS_S))
                spans[-1] = spans[-1][0], trio.current_time()
            await self._ordered(holder, Barring.UNBLOCK)

    def was_blocked(self, fields: Mapping[str, str], sent_at: float, heard_at: float) -> bool:
        """From before a request was first sent until after its answer was heard."""
        spans = self._spans.get(self._holder(fields), ())
        return any(begun < sent_at and heard_at < ended for begun, ended in spans)

    async def _ordered(self, holder: str, action: Barring) -> bool:
        """Whether the verdict came, and was that it is done. Followed by all workers before it is told, as the
        supervisor sees to."""
        verdicts: list[Verdict] = []
        told = trio.Event()

        def tell(verdict: Verdict) -> None:
            verdicts.append(verdict)
            told.set()

        node = self._rng.choice(self._switches)
        if node.switch is None or not node.alive:
            return False
        order = BarHolder(holder, action, "desk", "a bad day")
        node.switch.engine.customer_orders.take(order, partial(self._spread, holder, node, tell))
        with trio.move_on_after(TOLD_WITHIN_S):
            await told.wait()
        self._trace.add(f"desk {action.value} {verdicts[0].done if verdicts else 'untold'}")
        return bool(verdicts) and verdicts[0].done

    def _spread(self, holder: str, node: SwitchNode, tell: Tell, verdict: Verdict) -> None:
        waited_for = [node, *(one for one in self._switches if one is not node)]

        def followed(one: SwitchNode, _: Verdict) -> None:
            waited_for.remove(one)
            if not waited_for:
                tell(verdict)

        for one in waited_for[1:]:
            if one.switch is not None and one.alive:
                one.switch.engine.restrictions.follow(holder, partial(followed, one))
            else:
                followed(one, verdict)  # it reads it when it starts
        followed(node, verdict)

    def _holder_of(self, errand: Errand) -> str:
        return self._card(errand.card.pan) if errand.card is not None else subscriber_holder(errand.customer.subscriber)

    def _holder(self, fields: Mapping[str, str]) -> str:
        message = Message(dict(fields))
        return self._card(message.pan) if message.pan is not None else subscriber_holder(message.tag("01") or "")

    def _card(self, pan: str) -> str:
        return card_holder(self._vault.fingerprint(pan.encode()).hex())
