"""The machine behind an ATM's messages: cassettes that empty, notes that jam, and what it tells the switch of both.

Rule: pure. What happened changes the state, and `told` says how it now is as tags of field 48; who sends that, and
until when it is repeated, is the ATM's business. Notes are paid the largest first.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

FULL = 2000  # notes of a cassette
FEW_LEAST, FEW_MOST = 15, 60  # of one that nobody has filled for long
SELDOM_FILLED = 0.3  # of the machines
FIRMWARE = "4.2.1"
JAM = "DISPENSER|WARNING|0A13"
Tags = tuple[tuple[str, str], ...]


@dataclass
class Device:
    """`notes`: denomination in minor units → how many are left."""

    currency: str
    notes: dict[int, int]
    faults: list[str] = field(default_factory=list)
    state: str = "IN-SERVICE"

    def pay(self, amount_minor: int) -> bool:
        """Whether a cassette ran out, so that it is to be told. What can't be made any more is filled up first."""
        had = {note for note, left in self.notes.items() if left}
        rest = amount_minor
        for note in sorted(self.notes, reverse=True):
            count = min(rest // note, self.notes[note])
            self.notes[note] -= count
            rest -= note * count
        return rest > 0 or any(not self.notes[note] for note in had)

    def jam(self) -> None:
        self.faults = [JAM]

    def clear(self) -> bool:
        """Whether there was anything to clear."""
        had, self.faults = bool(self.faults), []
        return had

    def fill(self) -> None:
        self.notes = dict.fromkeys(self.notes, FULL)

    def told(self) -> Tags:
        """Tags 20 to 24."""
        return (
            ("20", self.state),
            *(("21", f"{note}|{self.currency}|{left}|{_state_of(left)}") for note, left in self.notes.items()),
            *(("22", fault) for fault in self.faults),
            ("23", "OK"),
            ("24", FIRMWARE),
        )


def draw_device(seed: int, terminal: str, currency: str, notes_minor: Sequence[int]) -> Device:
    """As the day begins: full, but for some."""
    rng = random.Random(f"{seed}:device:{terminal}")
    few = rng.random() < SELDOM_FILLED
    return Device(currency, {note: rng.randrange(FEW_LEAST, FEW_MOST) if few else FULL for note in notes_minor})


def _state_of(left: int) -> str:
    if not left:
        return "EMPTY"
    return "LOW" if left < FEW_LEAST else "OK"
