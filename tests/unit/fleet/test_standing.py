"""What is kept of one machine stays bounded and true, whatever it reports."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from switch.fleet.report import DeviceState, Fault, Report, report_of
from switch.fleet.standing import FAULTS_KEPT, KEYS_KEPT, Change, Episode, Heard, Seen, Standing, rows, take, to_body

faults = st.lists(
    st.builds(Fault, st.sampled_from("ABCD"), st.just("FATAL"), st.sampled_from("1234")), max_size=16, unique=True
)


@given(st.lists(st.tuples(faults, st.sampled_from(DeviceState)), max_size=40))
def test_the_ring_tells_of_every_fault_that_lasts_and_its_rows_grow_by_one_version(
    told: list[tuple[list[Fault], DeviceState]],
) -> None:
    standing, ring, versions = Standing(), dict[int, Episode](), dict[int, int]()
    for number, (having, state) in enumerate(told):
        at = 1_795_341_600.0 + 400 * number
        heard = Heard(Seen(f"2026112209{number:04d}|{number}", "", b""), False, at)
        change = take(standing, Report(state, faults=tuple(having)), heard)
        assert isinstance(change, Change)
        standing = change.standing
        for slot, version, episode in change.episodes:
            assert version == versions.get(slot, 0) + 1
            versions[slot], ring[slot] = version, episode
        lasting = {(one.fault.component, one.fault.code) for one in ring.values() if one.until is None}
        assert lasting == {(one.component, one.code) for one in having}
        assert len({row.key for row in rows("ATM00001", 1, change)}) == 1 + len(change.episodes)
    assert len(ring) <= FAULTS_KEPT
    assert len(standing.seen) <= KEYS_KEPT
    assert len(to_body(standing)) < 4000


def test_a_severity_that_says_all_is_well_is_no_fault() -> None:
    tags = (("20", "IN-SERVICE"), ("22", "PRINTER|OK|00"), ("22", "READER|2|07"), ("22", "READER|2|07"))
    assert report_of(tags).faults == (Fault("READER", "2", "07"),)


def test_a_currency_in_letters_is_the_same_as_its_number() -> None:
    assert report_of((("20", "IN-SERVICE"), ("21", "50000|SYP|7|OK"))).cassettes[0].currency == "760"
