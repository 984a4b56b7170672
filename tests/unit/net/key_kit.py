"""What the tests of key changes on connections share: a listener or a link whose keys change, and its other side."""

from __future__ import annotations

from collections.abc import Callable

from config.choices import PeerKind
from config.sections import ListenerSettings, PeerSettings
from switch.net.edge import Edge
from switch.net.exchange import Handler
from switch.net.key_exchange import KeyExchange
from switch.net.link import Link
from switch.net.listener import Listener
from switch.security.keys.ring import KeyRing
from switch.security.opening import sealing
from switch.wire.dialect import dialect_named
from switch.wire.envelope import Envelope
from switch.wire.message import Message
from tests.unit.net.kit import ACQUIRER, FRAMING, TERMINAL, Client, Kit, answer
from tests.unit.security import keys
from tests.unit.security.keys import CMAC, KEK, PIN, STORAGE, Clock

USED = {one.name: one for one in (CMAC, PIN, KEK, STORAGE)}
DIALECT = dialect_named("iso87-ascii")
WRONG_MACS_MAX = 3


class Party:
    """Who has the endpoint's keys: the switch, or its other side."""

    def __init__(
        self,
        seed: str,
        clock: Clock,
        *,
        kek: str | None = "kek",
        mac_network: bool = False,
        signs_on_within_s: float = 30,
    ) -> None:
        soft = keys.module(seed)
        self.ring = KeyRing(USED, soft, keys.store(soft, *USED.values()), clock)
        self.settings = ListenerSettings(
            name="mobile",
            port=0,
            acquirers=(ACQUIRER,),
            terminals=(TERMINAL,),
            mac="cmac",
            pin="pin",
            kek=kek,
            mac_network=mac_network,
            signs_on_within_s=signs_on_within_s,
        )

    def envelope(self) -> Envelope:
        return sealing(DIALECT, self.ring, "cmac", mac_network=self.settings.mac_network)

    def exchange(self, edge: Edge, events: str) -> KeyExchange:
        def count(what: str) -> None:
            edge.counters.add(events, what)

        return KeyExchange(self.settings, self.ring, edge.clock.mono, count, edge.report)

    def kcvs(self) -> tuple[str, str]:
        return self.ring.kcv("cmac"), self.ring.kcv("pin")


async def listening(kit: Kit, party: Party, handler: Handler) -> Listener:
    edge = kit.edge
    exchange = party.exchange(edge, "listener_events")
    listener = Listener(
        party.settings, party.envelope(), FRAMING, handler, edge, keys=exchange, wrong_macs_max=WRONG_MACS_MAX
    )
    await kit.nursery.start(listener.serve)
    return listener


async def linked(kit: Kit, party: Party, port: int) -> Link:
    edge, named = kit.edge, party.settings
    settings = PeerSettings(
        name="core",
        kind=PeerKind.CORE,
        port=port,
        connections=1,
        timeout_s=5,
        mac=named.mac,
        pin=named.pin,
        kek=named.kek,
        mac_network=named.mac_network,
    )
    exchange = party.exchange(edge, "link_events")
    link = Link(settings, party.envelope(), FRAMING, edge, keys=exchange, wrong_macs_max=WRONG_MACS_MAX)
    await kit.nursery.start(link.run)
    return link


class Across:
    """The other side of one connection: brings keys, and takes those that it is brought."""

    def __init__(self, client: Client, party: Party, kit: Kit) -> None:
        self.client = client
        self.party = party
        self._exchange = party.exchange(kit.edge, "their_events")
        self._stan = 800_000

    async def take(self, count: int = 2) -> None:
        """As many questions about keys as come next, answered."""
        for _ in range(count):
            self.take_one(await self.client.hear())

    def take_one(self, request: Message) -> None:
        assert request.network_code in ("161", "162"), request.fields
        self._exchange.take(request, lambda code, _: self.client.send(answer(request, code)), _nobody)

    async def bring(self) -> list[str | None]:
        """Bring a key of each use; what each is answered."""
        asked: list[tuple[dict[str, str], Callable[[str | None], None]]] = []
        self._exchange.bring(lambda fields, heard: asked.append((fields, heard)))
        codes = []
        for fields, heard in asked:
            codes.append((await self.client.ask(self.question(fields))).response_code)
            heard(codes[-1])
        return codes

    def offers(self) -> list[dict[str, str]]:
        """What it would bring, not sent."""
        asked: list[dict[str, str]] = []
        self._exchange.bring(lambda fields, _: asked.append(self.question(fields)))
        return asked

    def question(self, fields: dict[str, str]) -> dict[str, str]:
        self._stan += 1
        return {"t": "0800", "7": "1122101530", "11": f"{self._stan:06d}", **fields}


def _nobody(fields: dict[str, str], heard: Callable[[str | None], None]) -> None:
    raise AssertionError("nothing was asked for here")
