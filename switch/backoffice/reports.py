"""Writes a settlement's reports into a directory: one page per language, and the tables.

Rule: each file appears whole or not at all, and is its owner's alone, as everything that this project writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from config.settings import Settings
from switch.settlement import tables
from switch.settlement.page import report_html
from switch.settlement.settlement import Settlement
from switch.settlement.view import Teller
from switch.settlement.words import LANGUAGES
from switch.terms import scale_of

Shown = Callable[[float | None], str]


def write_reports(settings: Settings, done: Settlement, out: Path, shown: Shown, now: float) -> list[Path]:
    """What was written. OSError if it can't be."""
    out.mkdir(parents=True, exist_ok=True)
    return [_write(out / name, lines) for name, lines in _reports(settings, done, shown, now)]


def teller(settings: Settings, language: str, shown: Shown, now: float) -> Teller:
    names = {code: biller.name_ar if language == "ar" else biller.name_en for code, biller in settings.billers.items()}
    peers: dict[str, tuple[str, ...]] = {}
    for code, biller in settings.billers.items():
        peers[biller.peer] = (*peers.get(biller.peer, ()), code)
    return Teller(language, names, peers, shown, now, scale_of(settings))


def _reports(settings: Settings, done: Settlement, shown: Shown, now: float) -> Iterator[tuple[str, Iterable[str]]]:
    day = done.day.day
    yield f"positions-{day}.csv", tables.positions(done)
    yield f"breaks-{day}.csv", tables.breaks(done)
    yield f"explained-{day}.csv", tables.explained(done)
    for language in LANGUAGES:
        yield f"settlement-{day}.{language}.html", (report_html(done, teller(settings, language, shown, now)),)


def _write(path: Path, lines: Iterable[str]) -> Path:
    part = path.with_name(f"{path.name}.part")
    with part.open("w", encoding="utf-8", newline="") as file:
        file.writelines(lines)
    part.replace(path)
    return path
