"""The fleet as rows: what `--json` and `--csv` write, and what the tables are made of.

Rule: one dictionary a row, its keys are what a program reads. Moments as RFC 3339, amounts in minor units.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from config.fleet_sections import Fleet
from ledger.spreadsheet import Cell, csv_lines
from switch.commands.atm_desk import Look, Survey
from switch.commands.times import Times
from switch.fleet.demand import District
from switch.fleet.machine import Machine
from switch.fleet.plan import Plan
from switch.fleet.rehabilitation import Prospect
from switch.fleet.standing import Episode

Row = dict[str, Any]


def machine_row(machine: Machine, fleet: Fleet, times: Times) -> Row:
    atm = fleet.atms.get(machine.terminal)
    district = fleet.districts[atm.district] if atm is not None else None
    traffic, fault = machine.traffic, machine.last_fault
    return {
        "terminal": machine.terminal,
        "district": district.name if district is not None else None,
        "district_en": district.name_en if district is not None else None,
        "district_ar": district.name_ar if district is not None else None,
        "site_en": atm.site_en if atm is not None else None,
        "site_ar": atm.site_ar if atm is not None else None,
        "state": machine.found.state.value,
        "since": times.written(machine.found.since),
        "why": machine.found.why,
        "cash_minor": machine.cash_minor,
        "cash_lasts_h": machine.cash_lasts_h,
        "withdrawals": traffic.withdrawals,
        "withdrawals_per_hour": round(machine.pace.withdrawals_per_hour, 3),
        "refusals": traffic.refusals.count,
        "last_success": times.written(traffic.last_at),
        "last_refusal": times.written(traffic.refusals.last_at),
        "last_refusal_code": traffic.refusals.last_code or None,
        "last_fault": times.written(fault.since) if fault is not None else None,
        "last_fault_is": fault_words(fault) if fault is not None else None,
        "heard_at": times.written(machine.heard_at),
        "counted_at": times.written(machine.counted_at),
        "filled_at": times.written(machine.filled_at),
    }


def machine_whole(machine: Machine, seen: Look, times: Times) -> Row:
    atm = seen.fleet.atms.get(machine.terminal)
    return {
        **machine_row(machine, seen.fleet, times),
        "cassettes": [
            {
                "denomination_minor": one.denomination_minor,
                "currency": one.currency,
                "notes": one.notes,
                "state": one.state,
            }
            for one in machine.cassettes
        ],
        "faults": [{"component": one.component, "severity": one.severity, "code": one.code} for one in machine.faults],
        "history": [episode_row(one, times) for one in seen.histories.get(machine.terminal, ())],
        "refusals_by_code": dict(sorted(machine.traffic.refusals.by_code.items())),
        "paper": machine.paper or None,
        "firmware": machine.firmware or None,
        "installed": atm.installed.isoformat() if atm is not None else None,
        "power": atm.power.value if atm is not None else None,
        "line": atm.line.value if atm is not None else None,
        "cost_class": atm.cost if atm is not None else None,
        "condition": atm.condition.value if atm is not None else None,
    }


def episode_row(one: Episode, times: Times) -> Row:
    return {
        "component": one.fault.component,
        "severity": one.fault.severity,
        "code": one.fault.code,
        "since": times.written(one.since),
        "until": times.written(one.until),
    }


def fault_words(one: Episode) -> str:
    return f"{one.fault.component.lower()} {one.fault.code}"


def prospect_row(one: Prospect, survey: Survey, seen: Look) -> Row:
    atm = seen.fleet.atms[one.terminal]
    return {
        "terminal": one.terminal,
        "district": atm.district,
        "site_en": atm.site_en,
        "site_ar": atm.site_ar,
        "state": seen.machines[one.terminal].found.state.value,
        "possible": one.possible,
        "score": one.score,
        "relief_per_hour": round(survey.reliefs.get(one.terminal, 0.0), 3),
        "cost_minor": one.cost_minor,
        "reasons": [f"-{reason.points} {reason.words}" for reason in one.reasons],
    }


def district_row(one: District) -> Row:
    return {
        "district": one.name,
        "name_en": one.name_en,
        "name_ar": one.name_ar,
        "population": one.population,
        "machines": one.machines,
        "working": one.working,
        "broken": one.broken,
        "destroyed": one.destroyed,
        "withdrawals": one.withdrawals,
        "refusals": one.refusals,
        "unserved_refusals": one.unserved_refusals,
        "withdrawals_per_machine_hour": round(one.withdrawals_per_machine_hour, 3),
        "refusals_per_machine_hour": round(one.refusals_per_machine_hour, 3),
        "people_per_machine": one.people_per_machine,
        "unserved_per_hour": round(one.unserved_per_hour, 3),
        "outruns": one.outruns,
    }


def assignment_rows(plan: Plan, fleet: Fleet) -> list[Row]:
    return [
        {
            "terminal": one.terminal,
            "from": fleet.atms[one.terminal].district,
            "to": one.district,
            "moved": one.moved,
            "nth": one.nth,
            "relief_per_hour": round(one.relief_per_hour, 3),
            "cost_minor": one.cost_minor,
        }
        for one in plan.assignments
    ]


def write_csv(rows: Iterable[Row]) -> None:
    """With a header, as spreadsheets read it; a list becomes one cell."""
    written = list(rows)
    if written:
        lines = csv_lines(list(written[0]), ([_cell(value) for value in row.values()] for row in written))
        click.echo("".join(lines), nl=False)


def _cell(value: Any) -> Cell:
    return "; ".join(map(str, value)) if isinstance(value, list) else value
