"""A manager's report in a real browser: nothing overflows, columns align, right-to-left text reads as it should.

What is measured is the page as it was laid out (the boxes of the elements), not its pixels. Skipped where there is no
Chromium; continuous integration installs one.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from switch.settlement.page import report_html
from switch.settlement.settlement import Settlement
from tests.unit.settlement.test_reports import settlement, teller

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)
WITHIN_S = 60
A4_PX, PHONE_PX = 794, 500  # at 96 dpi; the narrowest that a headless window takes

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: apt-get install chromium")

# What the page is asked once it is laid out; the answer is left in its own text.
MEASURE = """
<script>
const box = one => { const r = one.getBoundingClientRect(); return [r.left, r.right, r.top, r.bottom, r.width]; };
const all = (what, where) => [...(where || document).querySelectorAll(what)];
const glyphs = one => { const r = document.createRange(); r.selectNodeContents(one);
  const b = r.getBoundingClientRect(); return [b.left, b.right]; };
const order = one => { const t = one.firstChild, r = document.createRange(), found = [];
  for (let i = 0; i < t.length; i++) {
    r.setStart(t, i); r.setEnd(t, i + 1); found.push(r.getBoundingClientRect().left); }
  return found; };
document.documentElement.innerHTML = '<pre id="measured">' + JSON.stringify({
  width: document.documentElement.clientWidth, needed: document.documentElement.scrollWidth,
  overflowing: all('th, td, dd, li, p, h1, h2, h3, h4').filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth)
    .map(e => e.textContent.slice(0, 40)),
  tables: all('table').map(t => all('tr', t).map(r => all('td.num', r).map(c => [box(c), glyphs(c)]))),
  heads: all('table.figures tr').map(r => [box(r.children[0])[1], box(r.children[r.children.length - 1])[1]]),
  numbers: all('.n').filter(e => e.firstChild && e.firstChild.length > 3).map(order),
  title: glyphs(document.querySelector('h1')), body: box(document.body),
  fonts: getComputedStyle(document.querySelector('.n')).fontVariantNumeric,
}).replaceAll('<', '&lt;') + '</pre>';
</script>
"""


def wide() -> Settlement:
    """Figures as large as they come, words as long as they come."""
    done = settlement(3, note="why " * 60, owner="a-very-long-name-of-an-operator@department.bank.example.org")
    balances = tuple(
        replace(one, positions=tuple(replace(p, received_minor=10**14, paid_minor=0) for p in one.positions))
        for one in done.balances
    )
    return replace(done, balances=balances, file_lines={**{f"peer-{n}": 10**7 for n in range(4)}, **done.file_lines})


def measured(tmp_path: Path, done: Settlement, language: str, width_px: int) -> dict[str, Any]:
    page = report_html(done, teller(language)).replace("</body>", f"{MEASURE}</body>")
    page = re.sub(r"<meta http-equiv=[^>]*>", "", page)  # it forbids the very script that measures
    path = tmp_path / "page.html"
    path.write_text(page, encoding="utf-8")
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    command = [str(CHROMIUM), *QUIET, profile, f"--window-size={width_px},1123", "--dump-dom", path.as_uri()]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=WITHIN_S, check=True).stdout
    found = re.search(r'<pre id="measured">(.*?)</pre>', shown, re.DOTALL)
    assert found is not None, shown[-500:]
    answer: dict[str, Any] = json.loads(html.unescape(found[1]))
    return answer


@pytest.mark.parametrize("width_px", [A4_PX, PHONE_PX])
@pytest.mark.parametrize("language", ["ar", "en"])
def test_nothing_overflows_on_paper_or_on_a_narrow_screen(tmp_path: Path, language: str, width_px: int) -> None:
    found = measured(tmp_path, wide() if width_px == A4_PX else settlement(), language, width_px)
    assert found["needed"] <= found["width"]
    assert found["overflowing"] == []


@pytest.mark.parametrize("language", ["ar", "en"])
def test_amounts_of_a_column_end_at_the_same_place(tmp_path: Path, language: str) -> None:
    found = measured(tmp_path, settlement(3), language, A4_PX)
    assert "tabular-nums" in found["fonts"]
    columns = 0
    for table in found["tables"]:
        rows = [row for row in table if row]
        for column in zip(*rows, strict=True):
            ends = [glyphs[1] for _, glyphs in column]
            assert max(ends) - min(ends) < 0.5
            columns += 1
    assert columns > 10


@pytest.mark.parametrize("language", ["ar", "en"])
def test_digits_and_minus_stand_from_left_to_right_in_both_languages(tmp_path: Path, language: str) -> None:
    numbers = measured(tmp_path, settlement(3), language, A4_PX)["numbers"]
    assert len(numbers) > 20
    assert all(places == sorted(places) for places in numbers)


def test_an_arabic_page_begins_at_the_right_and_an_english_one_at_the_left(tmp_path: Path) -> None:
    arabic, english = (measured(tmp_path, settlement(), language, A4_PX) for language in ("ar", "en"))
    left, right = arabic["body"][0], arabic["body"][1]
    assert right - arabic["title"][1] < arabic["title"][0] - left
    assert english["title"][0] - left < right - english["title"][1]
    for first, last in arabic["heads"]:
        assert first > last  # the party stands right of its figures
    for first, last in english["heads"]:
        assert first < last


def test_a_report_prints_on_whole_pages_of_a4(tmp_path: Path) -> None:
    path, paper = tmp_path / "page.html", tmp_path / "page.pdf"
    path.write_text(report_html(settlement(30), teller("ar")), encoding="utf-8")
    profile = f"--user-data-dir={tmp_path / 'profile'}"
    command = [str(CHROMIUM), *QUIET, profile, "--no-pdf-header-footer", f"--print-to-pdf={paper}", path.as_uri()]
    subprocess.run(command, capture_output=True, timeout=WITHIN_S, check=True)
    data = paper.read_bytes()
    boxes = {tuple(map(float, found.split())) for found in re.findall(rb"/MediaBox \[([0-9. ]+)\]", data)}
    assert len(data) > 10_000
    assert all(abs(width - 595) < 2 and abs(height - 842) < 2 for _, _, width, height in boxes)
    assert boxes
