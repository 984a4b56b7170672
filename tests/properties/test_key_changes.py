"""Two sides that change their keys while messages pass, answers are lost, lines break and processes are killed.

Whatever happens in whatever order: within the overlap neither side refuses what the other sends; and once a line is up
and quiet both have the same keys.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from config.sections import ListenerSettings
from switch.net.key_exchange import KeyExchange
from switch.security.keys.ring import KeyRing
from switch.security.keys.rolling import RollingMac
from switch.security.keys.store import MemoryKeyStore
from switch.wire.envelope import Mac
from switch.wire.message import Message
from tests.unit.security import keys
from tests.unit.security.keys import KEK, RETAIL, STORAGE, Clock

USED = {one.name: one for one in (RETAIL, KEK, STORAGE)}
DATA = b"0200 what money hangs on"
SIDES = st.sampled_from([0, 1])
LINES = st.sampled_from([0, 1])

Deliver = Callable[["Side"], None]


class Side:
    """A process with its store; what it keeps in memory is gone with a kill."""

    def __init__(self, seed: str, clock: Clock) -> None:
        self.soft = keys.module(seed)
        self.clock = clock
        self.store: MemoryKeyStore = keys.store(self.soft, *USED.values())
        self.start()

    def start(self) -> None:
        self.ring = KeyRing(USED, self.soft, self.store, self.clock)
        endpoint = ListenerSettings(name="mobile", port=0, acquirers=("1",), mac="retail", kek="kek")
        self.exchange = KeyExchange(endpoint, self.ring, self.clock, lambda _: None, lambda *_, **__: None)
        self.heard: list[Callable[[str | None], None]] = []

    @property
    def mac(self) -> Mac:
        found = self.ring.mac("retail")
        assert isinstance(found, RollingMac)
        return found


class KeyChanges(RuleBasedStateMachine):
    """Two sides, two lines between them, each of which keeps its order and can be cut."""

    @initialize()
    def begin(self) -> None:
        self.clock = Clock()
        self.sides = [Side("one", self.clock), Side("other", self.clock)]
        self.wires = {(side, line): deque[Deliver]() for side in (0, 1) for line in (0, 1)}  # by who hears
        self.open: list[tuple[int, int, Callable[[str | None], None]]] = []  # whose question, on which line

    @rule(side=SIDES, line=LINES)
    def change(self, side: int, line: int) -> None:
        self.sides[side].exchange.bring(self._ask(side, line))

    @rule(side=SIDES, line=LINES)
    def message(self, side: int, line: int) -> None:
        mac = self.sides[side].mac.compute(DATA)

        def arrive(at: Side) -> None:
            assert at.mac.verify(DATA, mac), "a message of the other side is refused"

        self.wires[1 - side, line].append(arrive)

    @rule(side=SIDES, line=LINES)
    def hear(self, side: int, line: int) -> None:
        if self.wires[side, line]:
            self.wires[side, line].popleft()(self.sides[side])

    @rule(line=LINES)
    def cut(self, line: int) -> None:
        """What is on the line is lost, and what was asked over it is silent; then it is up again."""
        for side in (0, 1):
            self.wires[side, line].clear()
        lost = [heard for _, on, heard in self.open if on == line]
        self.open = [one for one in self.open if one[1] != line]
        for heard in lost:
            heard(None)
        for side in (0, 1):
            self.sides[side].exchange.bring_again(self._ask(side, line))

    @rule(side=SIDES)
    def kill(self, side: int) -> None:
        self.open = [one for one in self.open if one[0] != side]
        self.sides[side].start()
        for line in LINES_ALL:
            self.cut(line)

    @invariant()
    def each_believes_the_other(self) -> None:
        if hasattr(self, "sides"):
            for side in (0, 1):
                ours, theirs = self.sides[side], self.sides[1 - side]
                known = {token.kcv for token in theirs.ring.tokens("retail")}
                assert ours.ring.kcv("retail") in known, "what one side would send now, the other would refuse"

    def teardown(self) -> None:
        """A line that is up, and quiet."""
        if hasattr(self, "sides"):
            self._hear_out()
            for line in LINES_ALL:
                self.cut(line)
                self._hear_out()
            assert self.sides[0].ring.kcv("retail") == self.sides[1].ring.kcv("retail")

    def _hear_out(self) -> None:
        while any(self.wires.values()):
            for (side, _), wire in self.wires.items():
                if wire:
                    wire.popleft()(self.sides[side])

    def _ask(self, side: int, line: int) -> Callable[[dict[str, str], Callable[[str | None], None]], None]:
        def ask(fields: dict[str, str], heard: Callable[[str | None], None]) -> None:
            question = (side, line, heard)
            self.open.append(question)

            def answered(code: str) -> None:
                if question in self.open:
                    self.open.remove(question)
                    heard(code)

            def arrive(at: Side) -> None:
                request = Message({"t": "0800", **fields})
                back = self.wires[side, line]
                at.exchange.take(request, lambda code, _: back.append(lambda _: answered(code.value)), never)

            self.wires[1 - side, line].append(arrive)

        return ask


LINES_ALL = (0, 1)


def never(fields: dict[str, str], heard: Callable[[str | None], None]) -> None:
    raise AssertionError("nobody was asked for a key")


KeyChanges.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestKeyChanges = KeyChanges.TestCase
