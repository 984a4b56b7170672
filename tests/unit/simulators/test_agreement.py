from ledger.model import CurrencyTotals
from simulators.demo.agreement import Agreement
from simulators.demo.books_report import Difference

BALANCED = CurrencyTotals("760", 500, 500, 0, 0, 500, 0)
COMPARED = {"core": 3, "ELEC": 1}


def agreement(**changes: object) -> Agreement:
    found = {"open_payments": 0, "payments": {"POSTED": 1}, "totals": (BALANCED,), "compared": COMPARED}
    return Agreement(**{**found, "differences": (), **changes})  # type: ignore[arg-type]


def test_books_agree_when_nothing_is_open_unbalanced_or_different() -> None:
    assert agreement().holds
    assert agreement().trial_balance() == {"760": 0}
    assert agreement().reconciliation()["ELEC"] == {"accounts": 1, "differences": []}


def test_a_payment_that_is_not_final_is_no_agreement() -> None:
    assert agreement(open_payments=1).problems() == ["payments that are not final: 1"]


def test_a_ledger_out_of_balance_is_no_agreement_and_says_by_how_much() -> None:
    wrong = CurrencyTotals("760", 500, 400, 0, 0, 500, 0)
    assert agreement(totals=(wrong,)).problems() == ["the ledger is out of balance in 760"]
    assert agreement(totals=(wrong,)).trial_balance() == {"760": 100}


def test_every_difference_is_listed_under_whose_books_differ() -> None:
    found = agreement(differences=(("ELEC", Difference("biller:ELEC", "power", 100, 90)),))
    assert not found.holds
    assert found.reconciliation()["core"]["differences"] == []
    assert found.reconciliation()["ELEC"]["differences"] == [
        {"account": "biller:ELEC", "peer": "power", "ledger_minor": 100, "peer_minor": 90}
    ]
