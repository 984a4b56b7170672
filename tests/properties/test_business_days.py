"""Business days: whatever comes between payments, reversals and cutovers, at however many workers, every transfer is in
one day, every day's totals are its transfers, and a closed day stays as it was. The real engine on the real books."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.model import DAY_OPEN, Transfer, TransferKind
from ledger.queries import DayTotals, GetPayment, GetStatement, ListAccounts, ListDays
from switch.engine.day_changes import COUNT_EVERY_S
from switch.flow.payment import from_record
from tests.unit.engine.bench import (
    Bench,
    HandExchange,
    HandPeer,
    bill_payment,
    repeat_of,
    reversal_of,
    transfer,
    withdrawal,
)
from tests.unit.engine.test_workers import Workers

WORKERS = 3
ROUNDS_MAX = 400
REQUESTS = {"transfer": transfer, "bill": bill_payment, "withdrawal": withdrawal}
HEADINGS = {
    "transfer-own": "000123|transfer|core|",
    "pay-bill": "000123|debit|core|power",
    "withdrawal": "000123|debit|core|",
}

worker = st.sampled_from((0, 0, 0, 1, 2))  # mostly one, so that what belongs together meets
steps = st.one_of(
    st.tuples(st.just("pay"), worker, st.sampled_from(sorted(REQUESTS))),
    st.tuples(st.just("answer"), worker, st.sampled_from(("00", "00", "00", "51", "silent"))),
    st.tuples(st.just("reverse"), worker, st.integers(0, 9)),
    st.tuples(st.just("cut over"), worker, st.booleans()),
    st.tuples(st.just("close"), worker, st.just("")),
    st.tuples(st.just("wait"), worker, st.sampled_from((0.5, COUNT_EVERY_S, 40.0))),
    st.tuples(st.just("restart"), worker, st.just("")),
)
stories = st.lists(steps, min_size=10, max_size=50)


class Play:
    """What is done, one step after the other; `closed` is what each day counted when it was closed."""

    def __init__(self, place: Path) -> None:
        self.workers = Workers(place, WORKERS)
        self.closed: dict[str, object] = {}
        self.asked: list[tuple[dict[str, str], list[HandExchange]]] = []
        self.reversed: list[HandExchange] = []

    def do(self, what: str, number: int, how: object) -> None:
        bench = self.workers.of(number)
        if what == "pay":
            fields = REQUESTS[str(how)](f"{len(self.asked) + 1:06d}")
            self.asked.append((fields, [bench.send(fields, object())]))
        elif what == "answer":
            answer(bench, str(how))
        elif what == "reverse" and self.asked:
            fields, _ = self.asked[int(str(how)) % len(self.asked)]
            self.reversed.append(bench.send(reversal_of(fields, f"9{fields['11'][1:]}"), object()))
        elif what == "cut over":
            bench.cut_over()
            if how:  # and close at once what has ended
                bench.close_day()
        elif what == "close":
            bench.close_day()
        elif what == "wait":
            bench.wait(float(str(how)))
        elif what == "restart":
            self.workers.restart(number)
        self.note_closed()

    def note_closed(self) -> None:
        for one in self.workers.bench.store.answer(ListDays()):
            if one.state != DAY_OPEN and one.day not in self.closed:
                self.closed[one.day] = totals(self.workers.bench, one.day)

    def let_it_end(self) -> None:
        """Peers approve, and time passes, until nothing is due."""
        for _ in range(ROUNDS_MAX):
            for number in range(WORKERS):
                bench = self.workers.of(number)
                while answer(bench, "00"):
                    pass
                bench.wait(COUNT_EVERY_S)
            self.note_closed()
            if not self.workers.bench.open_rows():
                return
        raise AssertionError("it does not end")

    def ask_again(self) -> None:
        for fields, exchanges in self.asked:
            exchanges.append(self.workers.of(0).send(repeat_of(fields), object()))


def answer(bench: Bench, how: str) -> bool:
    """The oldest question of either peer; False: there is none."""
    peers: list[HandPeer] = [peer for peer in (bench.core, bench.biller) if peer.asked]
    for peer in peers[:1]:
        if how == "silent":
            peer.fall_silent()
        else:
            peer.say(how)
    return bool(peers)


def played_out(place: str, played: list[tuple[str, int, object]]) -> Play:
    """To its end, and every question asked once more."""
    play = Play(Path(place))
    for step in played:
        play.do(*step)
    play.let_it_end()
    play.ask_again()
    return play


def totals(bench: Bench, day: str) -> Counter[tuple[str, str, bool]]:
    """Amount and number, posted and given back, as the books count them."""
    found: Counter[tuple[str, str, bool]] = Counter()
    for one in bench.store.answer(DayTotals(day)):
        found.update({(one.heading, "posted", False): one.posted, (one.heading, "posted", True): one.posted_minor})
        found.update({(one.heading, "back", False): one.back, (one.heading, "back", True): one.back_minor})
    return +found


def counted(transfers: list[Transfer], day: str) -> Counter[tuple[str, str, bool]]:
    """The same, from the transfers."""
    found: Counter[tuple[str, str, bool]] = Counter()
    for one in transfers:
        if one.day == day and one.kind in (TransferKind.POST, TransferKind.CONTRA):
            which = "posted" if one.kind is TransferKind.POST else "back"
            found.update({(HEADINGS[one.memo], which, False): 1, (HEADINGS[one.memo], which, True): one.amount_minor})
    return found


def transfers_of(bench: Bench) -> list[Transfer]:
    return list({one.id: one for one in _every_line(bench)}.values())


def _every_line(bench: Bench) -> Iterator[Transfer]:
    for account in bench.store.answer(ListAccounts()):
        yield from (line.transfer for line in bench.store.answer(GetStatement(account.name, limit=1_000)).lines)


@settings(max_examples=150, deadline=None)
@given(stories)
def test_any_interleaving_leaves_every_days_totals_equal_to_its_transfers(
    played: list[tuple[str, int, object]],
) -> None:
    with TemporaryDirectory() as place:
        play = played_out(place, played)
        bench = play.workers.bench
        transfers = transfers_of(bench)
        days = [one.day for one in bench.store.answer(ListDays())]
        posts = Counter(one.payment for one in transfers if one.kind is TransferKind.POST)
        assert {one.day for one in transfers} <= set(days)
        assert set(posts.values()) <= {1}
        assert {day: totals(bench, day) for day in days} == {day: counted(transfers, day) for day in days}
        assert play.closed == {day: totals(bench, day) for day in play.closed}
        for one in transfers:
            payment = from_record(bench.store.answer(GetPayment(one.payment)).record)
            if one.kind is TransferKind.POST:
                assert one.day == payment.day
            elif one.kind is TransferKind.CONTRA:
                assert payment.reversal is not None
                assert one.day == payment.reversal.day


@settings(max_examples=150, deadline=None)
@given(stories)
def test_any_interleaving_tells_the_channel_the_day_of_the_transfer_and_no_other(
    played: list[tuple[str, int, object]],
) -> None:
    with TemporaryDirectory() as place:
        play = played_out(place, played)
        bench = play.workers.bench
        posted = {one.payment: one.day for one in transfers_of(bench) if one.kind is TransferKind.POST}
        by_reference = {payment_of(bench, one): day for one, day in posted.items()}
        for fields, exchanges in play.asked:
            final = [told for one in exchanges for told in one.answers if told["39"] != "09"]
            assert len({(told["39"], told["15"]) for told in final}) == 1
            if final[0]["39"] == "00":
                assert by_reference[fields["37"]][4:] == final[0]["15"]
            else:
                assert fields["37"] not in by_reference


def payment_of(bench: Bench, payment: bytes) -> str:
    """Its reference, DE 37."""
    return from_record(bench.store.answer(GetPayment(payment)).record).fields["37"]
