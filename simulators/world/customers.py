"""People and machines at work: every errand through its channel, as gateways and ATMs behave.

Rule: a gateway repeats until the answer is final; a machine never repeats, it reverses. A reversal is repeated until
its answer ends it. Nobody gives up, so whoever is left waiting at the end was failed by the switch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import trio

from simulators.channels import atm, mobile_gateway, website
from simulators.channels.atm import CardRequest
from simulators.channels.pinpad import PinPad
from simulators.channels.subscriber_requests import SubscriberRequest
from simulators.channels.terminal import reversal
from simulators.world.channel import WorldChannel
from simulators.world.errands import Errand, Want
from simulators.world.scene import Scene
from simulators.world.witness import APPROVED, Told, Witness
from switch.wire.message import Message
from switch.wire.mti import repeat_of

IMPATIENT_S = 0.3
HURRY_S = 2.0
FIRST_REPEAT_S, LAST_REPEAT_S = 5.0, 20.0
MACHINES, SESSIONS = 20, 50


@dataclass(frozen=True)
class Counter:
    """A channel with the terminals and the PIN pad that belong to it."""

    name: str
    channel: WorldChannel
    pinpad: PinPad


class Customers:
    def __init__(self, scene: Scene, counters: Mapping[str, Counter], witness: Witness) -> None:
        self.waiting: dict[int, Errand] = {}
        self.told: dict[int, list[Told]] = {}
        self._scene = scene
        self._counters = counters
        self._witness = witness

    async def serve(self, errand: Errand) -> None:
        """All of it, from the first request to the last word."""
        self.waiting[errand.number] = errand
        counter = self._counter(errand)
        fields = self._request(errand, counter)
        told = self._witness.begin(fields)
        self.told[errand.number] = [told]
        visit = _Visit(counter.channel, errand, told, self._witness, self.told[errand.number])
        await visit.run()
        del self.waiting[errand.number]

    def _counter(self, errand: Errand) -> Counter:
        if errand.want is Want.CASH:
            return self._counters["atm"]
        return self._counters["web" if errand.number % 4 == 0 else "mobile"]

    def _request(self, errand: Errand, counter: Counter) -> dict[str, str]:
        settings = self._scene.settings
        listener, currency = settings.listeners[counter.name], settings.switch.currency
        at = counter.channel.stamp()
        if errand.card is not None:
            machine = atm.terminal(listener, errand.number % MACHINES + 1, currency)
            block = counter.pinpad.pin_block(errand.card.pin, errand.card.pan)
            return CardRequest(machine, at, errand.card, block).withdrawal("00", errand.amount_minor)
        of = website if counter.name == "web" else mobile_gateway
        terminal = of.terminal(listener, errand.number % SESSIONS + 1, currency)
        request = SubscriberRequest(terminal, at, errand.customer.subscriber)
        return _mobile(request, errand, counter.pinpad)


def _mobile(request: SubscriberRequest, errand: Errand, pinpad: PinPad) -> dict[str, str]:
    account, minor = errand.account, errand.amount_minor
    if errand.want is Want.ACTIVATE:
        return request.activation(account, pinpad.code_block(errand.customer.activation_code))
    if errand.bill is not None:
        bill = errand.bill
        return request.bill_payment(account, bill.biller, bill.customer_number, bill.bill_id, minor)
    if errand.loan is not None:
        return request.loan_payment(account, errand.loan.account, errand.loan.bill_id, minor)
    return request.transfer(account, errand.target, minor, own=errand.want is Want.OWN)


class _Visit:
    def __init__(
        self, channel: WorldChannel, errand: Errand, told: Told, witness: Witness, all_told: list[Told]
    ) -> None:
        self._channel = channel
        self._errand = errand
        self._manner = errand.manner
        self._told = told
        self._witness = witness
        self._all_told = all_told
        self._is_cash = errand.want is Want.CASH

    async def run(self) -> None:
        manner = self._manner
        if manner.reverses_first:
            self._told.reversed = True
            await self._reverse(0)
            await self._settle(self._told)
        else:
            await self._pay()
        if manner.asks_again and not self._is_cash:
            await self._settle(self._told, again=True)

    async def _pay(self) -> None:
        manner, code = self._manner, None
        with trio.move_on_after(manner.cancels_after_s or math.inf):
            code = await (self._withdraw() if self._is_cash else self._settle(self._told))
        stands = manner.dispensed_minor
        if code is None:
            self._told.reversed = True
            await self._reverse_perhaps_twice(self._errand.amount_minor // 2 if manner.part_in_flight else 0)
        elif code == APPROVED and stands is not None:
            await self._reverse_perhaps_twice(stands)
        elif code == APPROVED and manner.regrets:
            await self._reverse_perhaps_twice(0)

    async def _reverse_perhaps_twice(self, stands_minor: int) -> None:
        """At most one reversal is right; a second one, with the same or another amount, is seen in the field."""
        manner = self._manner
        again_minor = stands_minor if manner.reverses_again == "same" else self._errand.amount_minor // 3
        if not manner.reverses_again:
            await self._reverse(stands_minor)
        elif manner.hurries:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._reverse, stands_minor)
                await trio.sleep(HURRY_S)
                nursery.start_soon(self._reverse, again_minor)
        else:
            await self._reverse(stands_minor)
            await self._reverse(again_minor)

    async def _withdraw(self) -> str | None:
        """Once; None where the machine can't be sure."""
        with self._channel.question(self._told.fields) as question:
            answer = await question.ask(self._told.fields)
        code = answer.response_code if answer is not None else None
        return None if code is None or code in self._told.not_final else code

    async def _settle(self, told: Told, *, again: bool = False) -> str:
        """Ask, and repeat until the answer is final."""
        manner, fields = self._manner, told.fields
        repeat = {**fields, "t": repeat_of(fields["t"])}
        with self._channel.question(fields) as question:
            impatient = manner.impatient and told.original is None
            answer = None
            with trio.move_on_after(IMPATIENT_S if impatient else math.inf):
                answer = await question.ask(repeat if again else fields)
            pause_s = FIRST_REPEAT_S
            while not _is_final(told, answer):
                if not impatient:
                    answer = await question.hear(pause_s)
                    pause_s = min(2 * pause_s, LAST_REPEAT_S)
                if not _is_final(told, answer):
                    if manner.restamps and told.original is None:
                        repeat["7"] = self._channel.stamp().transmitted_at
                    answer = await question.ask(repeat)
                impatient = False
        assert answer is not None
        return answer.response_code or ""

    async def _reverse(self, stands_minor: int) -> None:
        original = self._told
        fields = reversal(original.fields, self._channel.stamp(), stands_minor=stands_minor, advice=self._is_cash)
        told = self._witness.begin(fields, original)
        self._all_told.append(told)
        await self._settle(told)


def _is_final(told: Told, answer: Message | None) -> bool:
    return answer is not None and answer.response_code not in told.not_final
