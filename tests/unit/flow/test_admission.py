"""For whom a listener's connections may speak, and a certificate."""

from string import ascii_letters, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.flow.admission import Admission, Mandate, find_mandate

ADMISSION = Admission(("000123", "77"), ("GW000001", "ATM*"))


@pytest.mark.parametrize(
    ("acquirer", "terminal", "allowed"),
    [
        ("000123", "GW000001", True),
        ("77", "ATM", True),
        ("77", "ATM99999", True),
        (None, "ATM1", True),
        ("77", None, True),
        ("000123", "GW00000", False),
        ("000123", "XATM1", False),
        ("123", "GW000001", False),
        ("", "GW000001", False),
        ("77", "", False),
    ],
)
def test_who_may_speak(acquirer: str | None, terminal: str | None, allowed: bool) -> None:
    assert ADMISSION.allows(acquirer, terminal) is allowed


def test_a_star_alone_admits_every_terminal() -> None:
    assert Admission(("1",), ("*",)).allows("1", "ANYTHING")


def test_without_patterns_nobody_is_admitted() -> None:
    assert not Admission(("1",), ()).allows("1", "T")


institutions = st.lists(st.sampled_from(["1", "12", "000123"]), max_size=3)
patterns = st.lists(st.sampled_from(["*", "A*", "AB*", "ABC*", "AB1", "AB2", "A 1", "B*"]), max_size=4)


@given(institutions, patterns, institutions, patterns, st.sampled_from(["1", "12", "000123", "9"]))
def test_within_is_what_both_allow(
    ours: list[str], our_terminals: list[str], theirs: list[str], their_terminals: list[str], acquirer: str
) -> None:
    one, other = Admission(ours, our_terminals), Admission(theirs, their_terminals)
    for both in (one.within(other), other.within(one)):
        for terminal in ("A", "AB", "AB1", "AB2", "AB12", "ABC", "ABC9", "A 1", "B", "C"):
            allowed = one.allows(acquirer, terminal) and other.allows(acquirer, terminal)
            assert both.allows(acquirer, terminal) is allowed


@pytest.mark.parametrize(
    ("uris", "mandate"),
    [
        (["urn:barada:institution:000123"], Mandate(("000123",))),
        (["urn:barada:institution:1", "urn:barada:institution:2"], Mandate(("1", "2"))),
        (["urn:barada:institution:1", "urn:barada:terminal:ATM*"], Mandate(("1",), ("ATM*",))),
        (["URN:Barada:institution:1", "urn:barada:terminal:AB%201"], Mandate(("1",), ("AB 1",))),
        (["https://bank.example/", "urn:barada:institution:1"], Mandate(("1",))),
        ([], None),
        (["https://bank.example/"], None),
        (["urn:barada:terminal:ATM*"], None),
        # What can't be read might have been a restriction: such a certificate speaks for nobody.
        (["urn:barada:institution:1", "urn:barada:terminal:ATM000001"], None),
        (["urn:barada:institution:1", "urn:barada:terminal:"], None),
        (["urn:barada:institution:1", "urn:barada:terminal:A*B"], None),
        (["urn:barada:institution:1", "urn:barada:Terminal:ATM1"], None),
        (["urn:barada:institution:1", "urn:barada:channel:atm"], None),
        (["urn:barada:institution:1", "urn:barada:institution:123456789012"], None),
        (["urn:barada:institution:١"], None),
        (["urn:barada:institution:1\n"], None),
    ],
)
def test_the_mandate_of_a_certificate(uris: list[str], mandate: Mandate | None) -> None:
    assert find_mandate(uris) == mandate


letters = st.sampled_from(ascii_letters + digits)
within = st.text(st.sampled_from(ascii_letters + digits + " "), max_size=6)
terminal_names = st.builds("{}{}{}".format, letters, within, letters)
terminal_patterns = st.builds("{}*".format, st.one_of(within, st.builds("{}{}".format, within, letters)))


@given(
    st.lists(st.text(st.sampled_from(digits), min_size=1, max_size=11), min_size=1),
    st.lists(st.one_of(terminal_names, terminal_patterns), min_size=1),
)
def test_a_mandate_reads_what_it_wrote(institutions: list[str], terminals: list[str]) -> None:
    mandate = Mandate(tuple(institutions), tuple(terminals))
    assert find_mandate(mandate.uris()) == mandate
