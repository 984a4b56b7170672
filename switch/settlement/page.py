"""The report as one HTML page per language: nothing is fetched, whatever opens it.

Rule: everything is escaped (Jinja2's autoescape), and a name that a template lacks is an error, not an empty cell.
"""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from switch.settlement.settlement import Settlement
from switch.settlement.view import Teller, page

TEMPLATE = "report.html"


def report_html(done: Settlement, teller: Teller) -> str:
    return _templates().get_template(TEMPLATE).render(page(done, teller))


def _templates() -> Environment:
    loader = PackageLoader("switch.settlement", "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
