"""A channel that asks for things in the canary's name, and can spoil what it sends.

Rule: what is sent is what the simulators' own channels send. A message that is to be spoilt is sealed as it should be,
and then its bytes are changed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from itertools import count

import trio

from config.settings import ListenerSettings, Settings
from simulators.channels.atm import CardRequest
from simulators.channels.channel import Channel
from simulators.channels.gateways import Gateway
from simulators.channels.questions import Patience
from simulators.channels.subscriber_requests import SubscriberRequest
from simulators.channels.terminal import Terminal, reversal
from simulators.keys import keys_of
from simulators.people.population import Card
from switch.security.crypto.dukpt_tdes import TdesDukpt
from switch.security.crypto.ksn import Ksn
from switch.security.crypto.pin import PinCipher, seal_pin
from switch.wire import tlv
from switch.wire.envelope import Envelope
from switch.wire.mti import repeat_of
from tests.e2e.canary.person import CHIP_DATA, ELSEWHERE, EXPIRY, SUBSCRIBER, track1

PATIENCE = Patience(answer_within_s=6.0)
SPOILT_WITHIN_S = 0.1
DEVICE = "FFFF9876543210E00000"  # a terminal's serial number without its counter

_seeds = count(1)  # two desks at one terminal must not give the same references

Fields = dict[str, str]
Spoil = Callable[[bytes], bytes]


def serial_number(counter: int) -> str:
    """Of one transaction of the terminal (X9.24-1)."""
    return f"{int(DEVICE, 16) + counter:020X}"


class SpoilingEnvelope(Envelope):
    """`spoil` is done to the next message that is no network management."""

    __slots__ = ("spoil",)

    def __init__(self, plain: Envelope) -> None:
        super().__init__(plain.dialect, plain.mac, mac_network=plain.mac_network)
        self.spoil: Spoil | None = None

    def seal(self, fields: dict[str, str], *, with_mac: bool = True) -> bytes:
        body = super().seal(fields, with_mac=with_mac)
        if self.spoil is None or fields["t"].startswith("08"):
            return body
        spoil, self.spoil = self.spoil, None
        return spoil(body)


class Desk:
    """One channel, signed on. `codes` are the answers that it heard, silence an empty one."""

    def __init__(self, gateway: Gateway, envelope: SpoilingEnvelope, channel: Channel, card: Card) -> None:
        self.gateway = gateway
        self.channel = channel
        self.card = card
        self.codes: list[str] = []
        self._envelope = envelope

    def by_card(self, pin: str) -> CardRequest:
        return CardRequest(self._terminal, self.channel.stamp(), self.card, self.block(pin))

    def by_subscriber(self) -> SubscriberRequest:
        return SubscriberRequest(self._terminal, self.channel.stamp(), SUBSCRIBER)

    def block(self, pin: str) -> str:
        return self.gateway.pinpad.pin_block(pin, self.card.pan)

    def with_all(self, fields: Mapping[str, str]) -> Fields:
        """With everything secret that a message may carry beside what it must."""
        more = {"14": EXPIRY, "35": self.card.track2, "45": track1(self.card), "55": CHIP_DATA, "120": ELSEWHERE}
        return {**fields, **more}

    def under_a_key_of_its_own(self, pin: str, counter: int, amount_minor: int) -> Fields:
        """A withdrawal at a terminal that derives a key for each transaction (X9.24-1)."""
        ksn = serial_number(counter)
        key = TdesDukpt(self.gateway.keys.clear("pos-bdk")).pin_key(Ksn.parse(ksn))
        asked = CardRequest(
            self._terminal, self.channel.stamp(), self.card, seal_pin(pin, self.card.pan, PinCipher(key), bytes(8))
        ).withdrawal("20", amount_minor)
        private = tlv.build([*tlv.parse(asked["48"]), ("32", ksn)])
        return {**asked, "48": private}

    def sealed(self, fields: Mapping[str, str]) -> bytes:
        """As it would be sent, without its frame."""
        return self._envelope.seal(dict(fields))

    def renewed(self) -> Fields:
        """What makes a request another one."""
        at = self.channel.stamp()
        return {"7": at.transmitted_at, "11": at.stan, "37": at.reference}

    def undo(self, original: Mapping[str, str], stands_minor: int = 0) -> Fields:
        return reversal(original, self.channel.stamp(), stands_minor=stands_minor, advice=True)

    async def ask(self, fields: Mapping[str, str]) -> str:
        """The answer's code."""
        with self.channel.question(fields) as question:
            answer = await question.ask(fields)
        self.codes.append((answer.response_code if answer is not None else None) or "")
        return self.codes[-1]

    async def settle(self, fields: Mapping[str, str]) -> str:
        """The final answer's code: asked again while it is not known yet."""
        repeat = {**fields, "t": repeat_of(fields["t"])}
        code = await self.ask(fields)
        while code in ("09", ""):
            await trio.sleep(0.1)
            code = await self.ask(repeat)
        return code

    async def spoil(self, fields: Mapping[str, str], spoil: Spoil) -> None:
        """Nobody has to answer that."""
        with self.channel.question(fields) as question:
            line = await self.channel.ready_line()
            self._envelope.spoil = spoil
            line.send(fields)
            answer = await question.hear(SPOILT_WITHIN_S)
        self.codes.append((answer.response_code if answer is not None else None) or "")

    async def ask_for_keys(self) -> str | None:
        """0800/162: the switch brings new ones."""
        line = await self.channel.ready_line()
        return await line.manage("162")

    @property
    def _terminal(self) -> Terminal:
        return self.gateway.terminal(1)


@asynccontextmanager
async def desk(settings: Settings, name: str, card: Card) -> AsyncIterator[Desk]:
    """Connected to the listener of that name."""
    listener: ListenerSettings = settings.listeners[name]
    gateway = Gateway(settings, listener, keys_of(settings), next(_seeds), patience=PATIENCE)
    gateway.envelope = envelope = SpoilingEnvelope(gateway.envelope)
    async with gateway.connected(1) as channel:
        yield Desk(gateway, envelope, channel, card)
