"""The counters as Prometheus reads them.

Rule: nothing is counted here. Names and labels are the counters' own; LABELS says what each label of a name
means, and a name that is not there is shown too, its labels numbered.
"""

import re
from collections.abc import Iterator, Mapping

from prometheus_client.core import CounterMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector, CollectorRegistry

from switch.observe.counters import Counted

PREFIX = "barada_"
CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

# Name of the counter: (what it counts, its labels).
LABELS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "answers": ("Answers to channels", ("service", "code")),
    "refused": ("Requests refused before any service ran", ("code",)),
    "distant_transmissions": ("Requests whose field 7 is more than a day from now", ()),
    "unknown_tags": ("Tags of field 48 that nobody here knows", ()),
    "inquiries_answered_late": ("Inquiries whose peer answered too late", ("service",)),
    "atm_reports": ("What became of the machines' reports", ("outcome",)),
    "guesses_refused": ("Tries of a PIN or a code that were not let through to the core", ("holder",)),
    "commits_stale": ("Commits that met a newer version of their payment", ()),
    "commits_refused": ("Commits that the books refused", ("reason",)),
    "commits_redone": ("Commits whose day was closed under them, made again in another", ()),
    "business_days": ("Business days that were opened or closed, and cutovers that were refused", ("event",)),
    "commits_unavailable": ("Commits that found no books", ()),
    "evidence_without_payment": ("Answers of peers about a payment that is not known", ()),
    "reconciliations": ("Outcomes of a day's totals, by channels and by peers", ("side", "outcome")),
    "alarms": ("Payments that need an operator", ()),
    "operator_orders": ("Orders that operators gave", ("order", "outcome")),
    "attempts_put_off": ("Attempts that waited for room at their peer", ()),
    "admin_events": ("What happened on the operators' socket", ("event",)),
    "listener_events": ("What happened on a listener", ("listener", "event")),
    "listener_closes": ("Connections of a listener that ended", ("listener", "reason")),
    "link_events": ("What happened on a link", ("peer", "event")),
    "link_closes": ("Connections of a link that ended", ("peer", "reason")),
    "hsm_events": ("What happened on the way to the security module", ("event",)),
    "hsm_answers": ("Answers of the security module", ("code",)),
    "hsm_closes": ("Connections to the security module that ended", ("reason",)),
    "edge_faults": ("Own malfunctions met while serving one message", ("event",)),
    "engine_faults": ("Own malfunctions met while carrying out what the books said", ("kind",)),
    "counters_overflow": ("Counts that found no room for another series", ()),
}


class CountersCollector(Collector):
    """Gives the counters to a Prometheus registry at every scrape."""

    def __init__(self, counters: Counted) -> None:
        self._counters = counters

    def describe(self) -> list[CounterMetricFamily]:
        """Nothing beforehand: what is counted shows itself."""
        return []

    def collect(self) -> Iterator[CounterMetricFamily]:
        series: dict[str, list[tuple[tuple[str, ...], int]]] = {}
        for (name, *labels), count in self._counters.snapshot().items():
            series.setdefault(name, []).append((tuple(labels), count))
        for name, counts in series.items():
            yield family(name, counts)


def family(name: str, counts: list[tuple[tuple[str, ...], int]]) -> CounterMetricFamily:
    """One counter with all its series; a series with fewer labels than another leaves the last ones empty."""
    meaning, labels = LABELS.get(name, (name.replace("_", " "), ()))
    most = max(len(given) for given, _ in counts)
    labels = (*labels, *(f"label{place}" for place in range(len(labels) + 1, most + 1)))
    made = CounterMetricFamily(PREFIX + re.sub(r"[^a-zA-Z0-9_]", "_", name), meaning, labels=labels)
    for given, count in counts:
        made.add_metric([*given, *[""] * (len(labels) - len(given))], count)
    return made


def exposition(counters: Counted) -> bytes:
    """All counters in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(CountersCollector(counters))
    return generate_latest(registry)
