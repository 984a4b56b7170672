"""Counters: what is counted, and that nobody can make them grow without end."""

from prometheus_client.parser import text_string_to_metric_families

from switch.observe.counters import SERIES_MAX, Counters
from switch.observe.metrics import exposition


def test_counts_are_kept_by_name_and_labels() -> None:
    counters = Counters()
    counters.add("answers", "mobile", "00")
    counters.add("answers", "mobile", "00")
    counters.add("answers", "atm", "51", by=3)
    counters.add("restarts")
    assert counters.get("answers", "mobile", "00") == 2
    assert counters.get("answers", "atm") == 0
    assert counters.total("answers") == 5
    assert counters.snapshot() == {
        ("answers", "mobile", "00"): 2,
        ("answers", "atm", "51"): 3,
        ("restarts",): 1,
    }


def test_a_snapshot_does_not_change_afterwards() -> None:
    counters = Counters()
    counters.add("a")
    before = counters.snapshot()
    counters.add("a")
    assert before == {("a",): 1}


def test_series_without_end_are_counted_together_and_known_ones_go_on() -> None:
    counters = Counters()
    counters.add("known")
    for number in range(SERIES_MAX + 10):
        counters.add("made up by a peer", str(number))
    counters.add("known")
    assert len(counters.snapshot()) == SERIES_MAX + 1
    assert counters.get("counters_overflow") == 11
    assert counters.get("known") == 2


def test_prometheus_reads_every_count() -> None:
    counters = Counters()
    counters.add("frames in", "mobile")
    counters.add("answers", "mobile", "00", by=7)
    counters.add("answers", "mobile")
    counters.add("refused", 'a "quoted"\nname')
    read = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(exposition(counters).decode())
        for sample in family.samples
    }
    assert read == {
        ("barada_frames_in_total", "mobile"): 1,
        ("barada_answers_total", "00", "mobile"): 7,
        ("barada_answers_total", "", "mobile"): 1,
        ("barada_refused_total", 'a "quoted"\nname'): 1,
    }


def test_labels_are_named_where_their_names_are_known_and_numbered_elsewhere() -> None:
    counters = Counters()
    counters.add("listener_events", "mobile", "refused 63")
    counters.add("something new", "mobile", "x")
    text = exposition(counters).decode()
    assert 'barada_listener_events_total{event="refused 63",listener="mobile"} 1.0' in text
    assert 'barada_something_new_total{label1="mobile",label2="x"} 1.0' in text


def test_nothing_counted_is_an_empty_exposition() -> None:
    assert exposition(Counters()) == b""
