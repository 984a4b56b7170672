"""The table of `docs/performance.md`: what was measured beside what is wanted, from the recorded last lines.

Rule: pure, and nothing is typed by hand: a figure stands in a recorded result, with its commit, or it is not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from switch.wire.specs import DIALECTS

BEGIN, END = "<!-- written by `barada bench record`: -->", "<!-- until here -->"
NAME_ASCII = "iso87-ascii"

RECORDED = {
    "codec": ("codec",),
    "security": ("security",),
    "relay": ("relay",),
    "books": ("books",),
    "growth": ("growth",),
    "alone-balance": ("alone", "--service", "balance"),
    "alone-bill": ("alone",),
    "balance": ("pay", "--service", "balance"),
    "bill": ("pay",),
    "balance-1000": ("pay", "--service", "balance", "--rate", "1000", "--transactions", "10000"),
    "bill-1000": ("pay", "--rate", "1000", "--transactions", "10000"),
    "latency-balance": ("latency", "--service", "balance", "--chart", "latency-balance.png"),
    "latency-bill": ("latency", "--chart", "latency-bill.png"),
    "overload": ("overload",),
    "soak": ("soak",),
    "scale": ("scale",),
}
"""What is recorded, by name, and how it is measured: the words after `barada bench`."""


@dataclass(frozen=True)
class Row:
    """One figure of a recorded result: where it stands in it, and what it should be."""

    name: str
    what: str
    path: tuple[str, ...]
    goal: str = ""


def _codec_rows() -> Iterator[Row]:
    for dialect in DIALECTS:
        goal = "at least 10" if dialect == NAME_ASCII else "at least 6"
        for way, verb in (("decode", "decoding"), ("encode", "encoding")):
            yield Row("codec", f"{dialect}, {verb}, µs", ("dialects", dialect, f"{way}_us"))
            yield Row("codec", f"{dialect}, {verb}, times pyiso8583", ("dialects", dialect, f"{way}_ratio"), goal)


CPU, RATE = ("cpu_us_per_transaction",), ("throughput_per_s",)
ROWS = (
    *_codec_rows(),
    Row("security", "a message's MACs and PIN under AES, µs", ("aes_format_4_aes_us",)),
    Row("relay", "decoded and under 4 MACs, CPU µs", ("sealed_cpu_us",)),
    Row("relay", "the same under TLS, CPU µs", ("sealed_tls_cpu_us",)),
    Row("books", "transfers a second, batches of 1", ("transfers_per_s_batch_1",)),
    Row("books", "transfers a second, batches of 100", ("transfers_per_s_batch_100",), "at least 40,000"),
    Row("books", "a payment's two commits, CPU µs", ("payment_cpu_us_batch_50",)),
    Row("growth", "a transfer with 1,000 stored, CPU µs", ("transfer_cpu_us", "at_1000")),
    Row("growth", "the same with all stored, times as much", ("transfer_cpu_us", "ratio"), "at most 1.3"),
    Row("growth", "an account's balance, ms", ("account", "balance_ms"), "at most 10"),
    Row("growth", "a page of its statement, half way down, ms", ("account", "page_half_way_ms"), "at most 10"),
    Row("growth", "the ledger's restart, s", ("restart", "ready_s"), "at most 2"),
    Row("alone-balance", "the switch by itself, CPU µs", CPU),
    Row("alone-bill", "the switch by itself, CPU µs", CPU),
    Row("balance", "saturated, CPU µs", CPU, "at most 80"),
    Row("balance", "saturated, a second", RATE),
    Row("bill", "saturated, CPU µs", CPU, "at most 200"),
    Row("bill", "saturated, a second", RATE),
    Row("balance-1000", "at 1,000/s, CPU µs", CPU, "at most 300"),
    Row("balance-1000", "at 1,000/s, p99 ms", ("latency_ms", "p99")),
    Row("bill-1000", "at 1,000/s, CPU µs", CPU, "at most 500"),
    Row("bill-1000", "at 1,000/s, p99 ms", ("latency_ms", "p99")),
    Row("latency-balance", "at half of saturation, p99 ms", ("p99_ms_at_half_of_saturation",), "at most 5"),
    Row("latency-bill", "at half of saturation, p99 ms", ("p99_ms_at_half_of_saturation",), "at most 25"),
    Row("overload", "at twice saturation, approved a second", ("overload", "goodput_per_s")),
    Row("overload", "the same, share of saturation", ("overload", "goodput_share_of_peak")),
    Row("overload", "turned away meanwhile, share", ("overload", "share_turned_away")),
    Row("overload", "as before again after, s", ("overload", "recovered_after_s")),
    Row("soak", "payments", ("load", "payments"), "1,000,000"),
    Row(
        "soak", "switch's memory grows after the first tenth, %", ("resident", "switch", "growth_percent"), "at most 5"
    ),
    Row("soak", "ledger's memory, the same, %", ("resident", "ledger", "growth_percent"), "at most 5"),
    Row("soak", "switch's descriptors after the first tenth", ("descriptors", "switch", "first")),
    Row("soak", "switch's descriptors at the end", ("descriptors", "switch", "last"), "no more"),
    Row("soak", "restart with the full database, s", ("restart_s",), "at most 2"),
    Row("scale", "two workers to one, throughput", ("throughput_ratio",), "at least 1.6, or"),
    Row("scale", "two workers to one, CPU", ("cpu_ratio",), "0.9 to 1.1"),
)


def rewritten(page: str, results: Mapping[str, Mapping[str, Any]]) -> str:
    """The page with the table of these results. Raises ValueError where it has no place for it."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"no place for the table: {BEGIN} … {END}")
    return f"{before}{BEGIN}\n\n{_table(results)}\n\n{END}{after}"


def _table(results: Mapping[str, Mapping[str, Any]]) -> str:
    head = "| measured | figure | median (min – max) | goal | idle | commit |", "|---|---|--:|--:|--:|---|"
    rows = [_cells(row, results.get(row.name, {})) for row in ROWS]
    return "\n".join([*head, *(f"| {' | '.join(cells)} |" for cells in rows)])


def _cells(row: Row, result: Mapping[str, Any]) -> tuple[str, ...]:
    commit = f"{result['commit'] or '?'}, {result['at'][:10]}" if result else "not recorded"
    return row.name, row.what, _in_words(_at(row.path, result)), row.goal, _in_words(result.get("machine_idle")), commit


def _at(path: tuple[str, ...], result: Mapping[str, Any]) -> Any:
    found: Any = result
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _in_words(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, Mapping):
        return f"{_number(value['median'])} ({_number(value['min'])} – {_number(value['max'])})"
    return _number(value)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
