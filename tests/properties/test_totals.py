"""Whatever a channel sends and however it ends, what it counted as final is what the ledger counted.

The engine is the real one on real books; the channel's count is the simulated channels' own. Days change in between.
"""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.channels.day_book import DayBook
from switch.wire.dates import compact, from_compact
from switch.wire.figures import COUNTS, NET, SUMS, Figures, parse_figures
from switch.wire.message import Message
from tests.unit.engine.bench import DAY, Bench, HandPeer, bill_payment, repeat_of, reversal_of, transfer, withdrawal
from tests.unit.engine.days import close, totals_of

KINDS = (bill_payment, transfer, withdrawal)
ENDS = ("00", "51", "silent", "unreachable")
AFTERWARDS = ("nothing", "repeated", "reversed", "reversed twice", "in part")

steps = st.tuples(
    st.sampled_from(KINDS), st.sampled_from(ENDS), st.sampled_from(ENDS), st.sampled_from(AFTERWARDS), st.booleans()
)


class Traffic:
    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.book = DayBook()
        self.days = [DAY]
        self._stan = 0

    def play(self, kind: object, core: str, biller: str, afterwards: str, *, late: bool) -> None:
        """`late`: what comes afterwards comes on the next day."""
        assert callable(kind)
        fields: dict[str, str] = kind(self.stan(), 1_000 + self._stan)
        self.send(fields, core, biller)
        if late:
            self.cut_over()
        if afterwards == "repeated":
            self.send(repeat_of(fields), core, biller, heard=False)
        elif afterwards == "in part" and kind is withdrawal:
            self.send(reversal_of(fields, self.stan(), de95="000000000400".ljust(42, "0")))
        elif afterwards.startswith("reversed"):
            for _ in range(1 + (afterwards == "reversed twice")):
                self.send(reversal_of(fields, self.stan()))

    def send(self, fields: dict[str, str], core: str = "00", biller: str = "00", *, heard: bool = True) -> None:
        """And everything that follows from it, as a gateway does it: again while the answer is 09."""
        asked = self.bench.send(fields)
        self._settle(core, biller)
        while asked.answers[0]["39"] == "09":
            asked = self.bench.send(repeat_of(fields))
            self._settle("00", "00")
        if heard:
            self.book.hear(fields, Message(asked.answers[0]))

    def _settle(self, core: str, biller: str) -> None:
        """The peers say so at first, and then what ends it."""
        for _ in range(3):
            while self.bench.core.asked or self.bench.biller.asked:
                _answer(self.bench.core, core)
                _answer(self.bench.biller, biller)
                core = biller = "00"
            self.bench.wait(60)

    def cut_over(self) -> None:
        following = compact(from_compact(self.days[-1]) + timedelta(1))
        close(self.bench, self.days[-1], following)
        self.bench.engine.start(following, lambda: None)
        self.days.append(following)

    def stan(self) -> str:
        self._stan += 1
        return f"{self._stan:06d}"

    def told(self, day: str, figures: Figures) -> dict[str, str]:
        return self.bench.send(totals_of(figures, stan=self.stan(), de15=day[4:])).answers[0]


def _answer(peer: HandPeer, how: str) -> None:
    if not peer.asked:
        return
    if how == "silent":
        peer.fall_silent()
    elif how == "unreachable":
        peer.be_unreachable()
    else:
        peer.say(how)


def changes(figures: Figures) -> list[Figures]:
    """Each figure one more and, where it can be, one less."""
    names = (*COUNTS.values(), *SUMS.values(), "net_minor")
    by = [(name, by) for name in names for by in (1, -1) if name == "net_minor" or getattr(figures, name) + by >= 0]
    return [msgspec.structs.replace(figures, **{name: getattr(figures, name) + step}) for name, step in by]


@settings(max_examples=40, deadline=None)
@given(st.lists(steps, min_size=1, max_size=12))
def test_a_channels_own_counts_are_the_ledgers_and_any_other_figure_is_found(
    played: list[tuple[object, str, str, str, bool]],
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        traffic = Traffic(Bench(Path(directory)))
        for kind, core, biller, afterwards, cut_over in played:
            traffic.play(kind, core, biller, afterwards, late=cut_over)
        traffic.cut_over()
        for day in traffic.days[:-1]:
            counted = traffic.book.figures(day[4:])
            assert traffic.told(day, counted)["66"] == "1", (day, counted)
        for wrong in changes(counted):
            answer = traffic.told(day, wrong)
            assert (answer["39"], answer["66"]) == ("95", "2")
            assert parse_figures(answer) == counted
        traffic.bench.store.close()


def test_every_figure_is_changed() -> None:
    found = changes(Figures(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0))
    assert len(found) == 2 * (len(COUNTS) + len(SUMS) + len((NET,)))
    assert len(set(map(repr, found))) == len(found)
