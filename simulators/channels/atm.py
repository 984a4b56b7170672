"""A cash machine: a card, a PIN, notes, and what it does when it can't be sure.

Rule: a machine never repeats a withdrawal (no 0201). Whatever is not a clear answer in time is reversed with 0420,
then 0421 until its answer is final, and answers to the withdrawal that come later are ignored. Notes that jammed
are given back by a reversal that says what was dispensed (DE 95).

What it tells of itself (0620) is its device's word: as its day begins, on a jam and when that is cleared, when a
cassette has run out, and once it is filled.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from config.settings import ListenerSettings
from simulators.channels.channel import Channel
from simulators.channels.device import Device, Tags
from simulators.channels.errands import CardBalance, CardErrand, CardMiniStatement, ChangePin, Service, Visit, Withdraw
from simulators.channels.mobile_gateway import is_final
from simulators.channels.pinpad import PinPad
from simulators.channels.questions import persist
from simulators.channels.tally import Tally
from simulators.channels.terminal import Stamp, Terminal, money, request, reversal, terminal_of
from simulators.people.population import Card
from switch.wire.codes import ResponseCode
from switch.wire.message import Message

ENTRY_MODE = "021"  # DE 22: magnetic stripe, PIN entry capability
CONDITION = "02"  # DE 25: unattended terminal
ANY = "00"
REPEATED = ("09", "90", "91", "96")  # what, besides silence, calls for 0421


@dataclass(frozen=True, slots=True)
class CardRequest:
    """One request to be: its terminal, stamp, card and PIN block are known, each method writes it for one service."""

    terminal: Terminal
    at: Stamp
    card: Card
    pin_block: str

    def __repr__(self) -> str:
        return f"CardRequest({self.card!r})"

    def balance(self) -> dict[str, str]:
        return self._write("0200", f"31{ANY}{ANY}", {})

    def mini_statement(self) -> dict[str, str]:
        return self._write("0200", f"38{ANY}{ANY}", {})

    def withdrawal(self, kind: str, amount_minor: int) -> dict[str, str]:
        elements = {"35": self.card.track2} | money(amount_minor, self.terminal.currency)
        return self._write("0200", f"01{kind}{ANY}", elements)

    def pin_change(self, new_block: str) -> dict[str, str]:
        return self._write("0600", f"92{ANY}{ANY}", {}, ("12", new_block))

    def _write(self, mti: str, code: str, elements: Mapping[str, str], *tags: tuple[str, str]) -> dict[str, str]:
        own = {"2": self.card.pan, "52": self.pin_block}
        return request(mti, code, self.terminal, self.at, own | dict(elements), tags)


async def reverse(channel: Channel, original: Mapping[str, str], stands_minor: int = 0) -> Message | None:
    """Reverse `original` but for what stands: 0420, then 0421 after 5, 10, 20… seconds until the answer ends it."""
    advice = reversal(original, channel.stamp(), stands_minor=stands_minor, advice=True)
    answer = await persist(channel, advice, ends_an_advice)
    if answer is not None:
        channel.book.hear(advice, answer)
    return answer


def ends_an_advice(answer: Message | None) -> bool:
    return answer is not None and answer.response_code not in REPEATED


def terminal(listener: ListenerSettings, number: int, currency: str) -> Terminal:
    """The machine `number` at this listener."""
    return terminal_of(listener, number, currency, ENTRY_MODE, CONDITION)


class Atm:
    """One machine: it serves one customer after the other."""

    def __init__(
        self, channel: Channel, terminal: Terminal, pinpad: PinPad, tally: Tally, device: Device | None = None
    ) -> None:
        self._device = device
        self._channel = channel
        self._terminal = terminal
        self._pinpad = pinpad
        self._tally = tally

    async def serve(self, visit: Visit[CardErrand]) -> None:
        """All errands of a visit; a PIN that is changed is the one that is typed from then on."""
        if self._device is not None and self._device.clear():
            await self.report(self._device.told())
        pins = {card.pan: card.pin for card in visit.customer.cards}
        for errand in visit.errands:
            await self._run(errand, pins)

    async def _run(self, errand: CardErrand, pins: dict[str, str]) -> None:
        pin = pins[errand.card.pan]
        match errand:
            case CardBalance(card):
                await self._ask(Service.BALANCE, self._write(card, pin).balance())
            case CardMiniStatement(card):
                await self._ask(Service.MINI_STATEMENT, self._write(card, pin).mini_statement())
            case ChangePin(card, new_pin):
                block = self._pinpad.pin_block(new_pin, card.pan)
                if await self._ask(Service.PIN_CHANGE, self._write(card, pin).pin_change(block)) == "00":
                    pins[card.pan] = new_pin
            case Withdraw(card, kind, amount_minor):
                if errand.mistyped:
                    wrong = f"{(int(pin) + 1) % 10 ** len(pin):0{len(pin)}d}"
                    await self._withdraw(errand, self._write(card, wrong).withdrawal(kind, amount_minor))
                await self._withdraw(errand, self._write(card, pin).withdrawal(kind, amount_minor))

    def _write(self, card: Card, pin: str) -> CardRequest:
        block = self._pinpad.pin_block(pin, card.pan)
        return CardRequest(self._terminal, self._channel.stamp(), card, block)

    async def _ask(self, service: Service, fields: Mapping[str, str]) -> str | None:
        """Ask once: what moves no money is not tried again by a machine."""
        with self._channel.question(fields) as question:
            answer = await question.ask(fields)
        code = answer.response_code if answer else None
        self._tally.add(service, code)
        return code

    async def _withdraw(self, errand: Withdraw, fields: Mapping[str, str]) -> None:
        """No notes without a clear answer, and none kept that did not come out."""
        with self._channel.question(fields) as question:
            answer = await question.ask(fields)
        code = answer.response_code if answer and is_final(answer) else None
        self._tally.add(Service.WITHDRAWAL, code)
        if code is None or answer is None:
            await self._reverse(fields)
            return
        self._channel.book.hear(fields, answer)
        if code == ResponseCode.APPROVED:
            await self._dispensed(errand, fields)

    async def _dispensed(self, errand: Withdraw, fields: Mapping[str, str]) -> None:
        device, jammed = self._device, errand.dispensed_minor < errand.amount_minor
        if jammed:
            await self._reverse(fields, errand.dispensed_minor)
        if device is None:
            return
        ran_out = device.pay(errand.dispensed_minor)
        if jammed:
            device.jam()
        if jammed or ran_out:
            await self.report(device.told())
        if ran_out:
            device.fill()
            await self.report(device.told())

    async def report(self, tags: Tags) -> None:
        """0620, then 0621 until its answer is final."""
        status = request("0620", f"97{ANY}{ANY}", self._terminal, self._channel.stamp(), {}, tags)
        answer = await persist(self._channel, status, ends_an_advice)
        self._tally.add(Service.ATM_STATUS, answer.response_code if answer else None)

    async def _reverse(self, fields: Mapping[str, str], stands_minor: int = 0) -> None:
        answer = await reverse(self._channel, fields, stands_minor)
        self._tally.add(Service.REVERSAL, answer.response_code if answer else None)
