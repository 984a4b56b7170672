"""What operators order: only what the saga allows, in the payment's own line, with who and why in the same commit."""

from __future__ import annotations

import random
from contextlib import closing
from pathlib import Path

import pytest

from ledger import listing
from ledger.model import Advice
from ledger.reader import open_reader
from switch.flow.orders import NOTES_MAX, Action, Order, Verdict
from switch.flow.payment import Payment, from_record
from switch.flow.reply import Answered
from switch.flow.terms import Promises, Undo
from switch.wire.message import Message
from tests.unit.engine.bench import REFUSALS, Bench, bill_payment, reversal_of, transfer, withdrawal

DAY_S = 86_400.0
LIFETIME_S = 7 * DAY_S
LONG = Promises(status_query=True, undo=Undo.REMEMBERED, lifetime_s=LIFETIME_S, refusals=REFUSALS)


class Desk:
    """An operator at the bench, with a look into its books."""

    def __init__(self, tmp_path: Path, biller_promises: Promises) -> None:
        self.bench = Bench(tmp_path, biller_promises=biller_promises)
        self._database = tmp_path / "ledger.db"

    def order(self, action: str, why: str = "both books were looked at", who: str = "lina") -> Verdict:
        return self.orders(action, self.payment.id, why, who)[0]

    def orders(self, action: str, payment: bytes, why: str = "why not", who: str = "lina") -> list[Verdict]:
        """What was told so far: nothing, while the order waits in line."""
        verdicts: list[Verdict] = []
        order = Order(payment.hex(), Action(action), who, why)
        self.bench.engine.payment_orders.take(order, verdicts.append)
        return verdicts

    @property
    def payment(self) -> Payment:
        """The only one there is, as the books have it."""
        with closing(open_reader(self._database)) as books:
            (row,) = listing.all_payments(books)
        return from_record(row.record)

    @property
    def state(self) -> str:
        return self.payment.state.value

    def advices(self) -> dict[str, str]:
        return {advice.kind: advice.state for advice in self.advice_rows()}

    def advice_rows(self) -> list[Advice]:
        payment = self.payment
        with closing(open_reader(self._database)) as books:
            return listing.advices_of(books, payment.id)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, LONG)


def uncertain(desk: Desk) -> None:
    desk.bench.send(bill_payment())
    desk.bench.core.say("00")
    desk.bench.biller.fall_silent()
    assert desk.state == "UNCERTAIN"
    desk.bench.biller.fall_silent()


def give_up(desk: Desk, after_s: float = DAY_S) -> None:
    """The last question goes unanswered too."""
    desk.bench.wait(after_s)
    assert desk.state == "DISPUTED"


def disputed_undo(desk: Desk) -> None:
    """A paid bill whose reversal the biller says nothing to."""
    desk.bench.send(bill_payment())
    desk.bench.core.say("00")
    desk.bench.biller.say("00")
    desk.bench.send(reversal_of(bill_payment()))
    assert desk.state == "UNDOING"
    desk.bench.biller.fall_silent()
    give_up(desk)


def disputed_advice(desk: Desk) -> None:
    """The core says nothing to an advice."""
    desk.bench.send(transfer())
    desk.bench.core.fall_silent()
    desk.bench.core.fall_silent()
    assert desk.state == "RELEASING"
    give_up(desk)


# Retry.


def test_a_retry_of_what_waits_brings_the_next_attempt_forward(desk: Desk) -> None:
    uncertain(desk)
    desk.bench.clock.now += 0.2
    assert not desk.bench.biller.asked
    verdict = desk.order("retry", "the biller is back")
    assert verdict.done
    assert verdict.state == "UNCERTAIN"
    assert "now" in verdict.words
    assert desk.bench.biller.question["3"][:2] == "39"
    (note,) = desk.payment.notes
    assert (note.who, note.action, note.why) == ("lina", "retry", "the biller is back")
    assert note.at == desk.bench.clock.now
    desk.bench.biller.say("00")
    assert desk.state == "POSTED"
    assert desk.payment.notes == (note,), "the note stays with the payment"


def test_a_retry_of_a_dispute_goes_back_to_where_it_came_from_with_a_day_to_go(desk: Desk) -> None:
    uncertain(desk)
    give_up(desk)
    verdict = desk.order("retry")
    assert (verdict.done, verdict.state) == (True, "UNCERTAIN")
    desk.bench.wait(0.1)
    assert desk.bench.biller.question["3"][:2] == "39"
    desk.bench.biller.fall_silent()
    desk.bench.wait(DAY_S / 2)
    assert desk.state == "UNCERTAIN"


def test_a_retry_may_find_that_time_has_run_out(desk: Desk) -> None:
    uncertain(desk)
    desk.bench.clock.now += DAY_S
    verdict = desk.order("retry")
    assert (verdict.done, verdict.state) == (True, "DISPUTED")
    assert verdict.words == "it is DISPUTED now: it was UNCERTAIN; time ran out"


def test_a_payment_that_is_being_carried_out_takes_no_order(desk: Desk) -> None:
    desk.bench.send(bill_payment())
    for action in Action:
        verdict = desk.order(action)
        assert not verdict.done
        assert "answered by itself" in verdict.words
        assert verdict.until is None
    assert desk.payment.notes == ()
    assert desk.payment.version == 1


# Post and release, R11.


@pytest.mark.parametrize("action", ["post", "release"])
def test_post_and_release_wait_until_nothing_in_flight_can_take_effect(desk: Desk, action: str) -> None:
    uncertain(desk)
    give_up(desk)
    tried_at = desk.payment.tried_at
    verdict = desk.order(action)
    assert not verdict.done
    assert verdict.until is not None
    assert verdict.until > max(tried_at, desk.payment.ask_by) + LIFETIME_S
    assert desk.payment.notes == ()
    desk.bench.clock.now = verdict.until
    assert not desk.order(action).done
    desk.bench.clock.now += 0.1
    assert desk.order(action).done


def test_a_payment_that_both_peers_have_is_posted_by_order(desk: Desk) -> None:
    uncertain(desk)
    give_up(desk)
    desk.bench.wait(LIFETIME_S + 60)
    verdict = desk.order("post")
    assert (verdict.done, verdict.words) == (True, "DISPUTED became POSTED")
    assert desk.bench.net_minor("biller:ELEC") == 125_000
    assert desk.bench.send(bill_payment()).code == "00"
    assert desk.bench.books_agree()


def test_a_payment_that_nobody_paid_is_released_by_order_and_the_core_advised(desk: Desk) -> None:
    uncertain(desk)
    give_up(desk)
    desk.bench.wait(LIFETIME_S + 60)
    assert desk.order("release").state == "RELEASING"
    assert desk.bench.held_minor("customer:10000000000001") == 0
    assert desk.bench.core.question["t"] == "0420"
    desk.bench.core.say("00")
    assert desk.state == "RELEASED"
    assert [note.action for note in desk.payment.notes] == ["release"]


def test_a_posted_payment_whose_undo_is_disputed_is_given_back_by_order(desk: Desk) -> None:
    disputed_undo(desk)
    assert desk.advices() == {"undo": "quarantined"}
    assert not desk.order("post").done
    desk.bench.wait(LIFETIME_S + 60)
    assert desk.order("release").state == "REVERSED"
    assert desk.advices() == {"reversal": "due", "undo": "dropped"}
    assert desk.bench.net_minor("biller:ELEC") == 0
    desk.bench.core.say("00")
    assert desk.advices() == {"reversal": "acknowledged", "undo": "dropped"}


def test_a_posted_payment_that_the_biller_keeps_stands_by_order(desk: Desk) -> None:
    disputed_undo(desk)
    desk.bench.wait(LIFETIME_S + 60)
    assert desk.order("post").state == "POSTED"
    assert desk.advices() == {"undo": "dropped"}
    assert desk.bench.net_minor("biller:ELEC") == 125_000
    assert desk.bench.send(reversal_of(bill_payment())).code == "12"
    assert desk.bench.books_agree()


# Close, drop.


@pytest.mark.parametrize("action", ["close", "drop"])
def test_an_advice_that_cannot_be_delivered_is_quarantined_and_closed_by_order(desk: Desk, action: str) -> None:
    disputed_advice(desk)
    assert desk.advices() == {"reversal": "quarantined"}
    assert not desk.bench.advices_due()
    verdict = desk.order(action, "the core's books are right")
    assert (verdict.done, verdict.state) == (True, "RELEASED")
    assert desk.advices() == {"reversal": "dropped"}
    assert [note.action for note in desk.payment.notes] == [action]


def test_a_refused_advice_is_not_closed_while_the_debit_may_still_be_run(tmp_path: Path) -> None:
    desk = Desk(tmp_path, LONG)
    desk.bench.send(transfer())
    desk.bench.core.fall_silent()
    desk.bench.core.say("57")
    assert desk.state == "DISPUTED"
    verdict = desk.order("close")
    lapsed_at = desk.payment.ask_by + 2.0 + desk.bench.promises["core"].lifetime_s
    assert (verdict.done, verdict.until) == (False, lapsed_at)
    desk.bench.clock.now = lapsed_at + 0.1
    assert desk.order("close").done


def test_an_answer_that_comes_to_a_quarantined_advice_acknowledges_it(desk: Desk) -> None:
    disputed_advice(desk)
    desk.order("retry")
    assert desk.advices() == {"reversal": "due"}
    desk.bench.wait(0.1)
    hears = desk.bench.core.fall_silent()
    give_up(desk)
    hears(Answered(Message({"t": "0430", "39": "00"}), late=True))
    assert desk.state == "RELEASED"
    assert desk.advices() == {"reversal": "acknowledged"}


def test_a_partial_reversals_advice_keeps_its_amount_in_quarantine(desk: Desk) -> None:
    desk.bench.send(withdrawal())
    desk.bench.core.say("00")
    desk.bench.send(reversal_of(withdrawal(), de95="000000060000" + "0" * 30))
    assert desk.state == "REVERSED"
    desk.bench.core.fall_silent()
    give_up(desk)
    assert [(advice.amount_minor, advice.state) for advice in desk.advice_rows()] == [(40_000, "quarantined")]
    assert desk.order("drop").done
    assert [(advice.amount_minor, advice.state) for advice in desk.advice_rows()] == [(40_000, "dropped")]


def test_an_undo_is_not_dropped_because_what_it_would_undo_stands_open(desk: Desk) -> None:
    disputed_undo(desk)
    verdict = desk.order("drop")
    assert not verdict.done
    assert verdict.words == "a dispute that was posted and UNDOING takes: retry, post, release"
    assert desk.advices() == {"undo": "quarantined"}


# What is refused leaves no trace in the books.


def test_what_is_final_takes_no_order(desk: Desk) -> None:
    desk.bench.send(transfer())
    desk.bench.core.say("00")
    for action in Action:
        verdict = desk.order(action)
        assert (verdict.done, verdict.words, verdict.state) == (False, "it is POSTED, which is final", "POSTED")
    assert desk.payment.notes == ()
    assert desk.bench.engine.open_payments == 0, "looked up, and forgotten again"


def test_what_goes_on_by_itself_takes_nothing_but_a_retry(desk: Desk) -> None:
    uncertain(desk)
    for action in ("post", "release", "close", "drop"):
        verdict = desk.order(action)
        assert not verdict.done
        assert "only a retry" in verdict.words
        assert verdict.next_at == desk.payment.next_at
    assert desk.bench.counters.get("operator_orders", "post", "refused") == 1
    assert desk.bench.reports.count("operator") == 4


def test_an_unknown_payment_is_said_to_be_unknown(desk: Desk) -> None:
    assert desk.orders("retry", bytes(16))[0].words == "there is no such payment"


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ("lina", "card 4000 0012 3456 7899 is his"),
        ("lina", "block 0123456789ABCDEF"),
        ("4000001234567899", "why not"),
        ("lina", "two\nlines"),
        (" ", "why not"),
        ("lina", " "),
    ],
)
def test_a_note_with_a_secret_or_without_words_is_refused(desk: Desk, who: str, why: str) -> None:
    uncertain(desk)
    verdict = desk.order("retry", why, who)
    assert not verdict.done
    assert "4000" not in verdict.words
    assert desk.payment.notes == ()


def test_the_newest_notes_are_kept(desk: Desk) -> None:
    uncertain(desk)
    for turn in range(NOTES_MAX + 3):
        desk.order("retry", f"turn {turn}")
        desk.bench.biller.fall_silent()
    assert [note.why for note in desk.payment.notes] == [f"turn {turn}" for turn in range(3, NOTES_MAX + 3)]


# In line, after a restart, with the books away.


def test_an_order_finds_its_payment_in_the_books_after_a_restart(desk: Desk) -> None:
    uncertain(desk)
    give_up(desk)
    desk.bench.restart()
    assert desk.bench.engine.open_payments == 0
    assert desk.order("retry").done
    assert desk.bench.engine.open_payments == 1
    desk.bench.wait(0.1)
    desk.bench.biller.say("00")
    assert desk.state == "POSTED"


def test_an_order_is_not_carried_out_when_the_books_are_away_and_does_not_come_back_later(desk: Desk) -> None:
    uncertain(desk)
    desk.bench.books.away = True
    verdict = desk.order("retry")
    assert (verdict.done, verdict.words) == (False, "the books can't be reached now: nothing was done")
    desk.bench.books.away = False
    before = desk.payment
    assert before.notes == ()
    assert not desk.bench.biller.asked
    desk.bench.wait(5)
    assert desk.payment.notes == ()
    assert desk.bench.biller.asked, "it goes on by itself"


def test_an_order_that_meets_another_owners_commit_meets_the_payment_anew(desk: Desk) -> None:
    uncertain(desk)
    give_up(desk)
    desk.bench.wait(LIFETIME_S + 60)
    first = desk.bench.engine
    assert desk.order("retry").done
    desk.bench.start()
    assert desk.order("retry", "from the other switch").done
    desk.bench.engine = first
    verdict = desk.order("post")
    assert not verdict.done
    assert desk.bench.counters.get("commits_stale") == 1 or "only a retry" in verdict.words
    assert [note.action for note in desk.payment.notes] == ["retry", "retry"]


# Many at once.


def flood(bench: Bench, many: int) -> None:
    """As many payments as `many` are owed an advice each, at a core that says nothing."""
    for number in range(many):
        bench.send(transfer(f"{number + 1:06d}"))
    for _ in range(2 * many):
        bench.core.fall_silent()
    assert bench.states == {"RELEASING": many}


def test_after_a_long_outage_a_peer_is_not_flooded(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    flood(bench, 200)
    bench.wait(600)
    assert len(bench.core.asked) == 64
    bench.wait(1)
    assert len(bench.core.asked) == 64, "no answer, no more questions"
    for _ in range(64):
        bench.core.say("00")
    bench.wait(1)
    assert len(bench.core.asked) == 64
    while bench.core.asked:
        bench.core.say("00")
        bench.wait(0.5)
    assert bench.states == {"RELEASED": 200}


def test_a_peer_that_says_nothing_keeps_no_place_for_ever(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    flood(bench, 100)
    bench.wait(600)
    asked = {fields["37"] for fields, _ in bench.core.asked}
    bench.core.asked.clear()
    bench.wait(20)
    assert {fields["37"] for fields, _ in bench.core.asked} - asked, "others have their turn"


def test_a_silent_core_does_not_hold_up_what_is_owed_to_the_biller(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.send(bill_payment("000999"))
    bench.core.say("00")
    bench.biller.fall_silent()
    bench.biller.fall_silent()
    flood_states = 150
    for number in range(flood_states):
        bench.send(transfer(f"{number + 1:06d}"))
    for _ in range(2 * flood_states):
        bench.core.fall_silent()
    bench.wait(600)
    assert len(bench.core.asked) == 64
    assert [fields["3"][:2] for fields, _ in bench.biller.asked] == ["39"]


def test_what_failed_together_is_tried_again_at_different_times(tmp_path: Path) -> None:
    bench = Bench(tmp_path, draw=random.Random(3).random)
    flood(bench, 50)
    moments = [row.next_at for row in bench.open_rows()]
    assert len(set(moments)) == 50
    now = bench.clock.now
    assert all(moment is not None and now + 0.5 <= moment <= now + 1 for moment in moments)
