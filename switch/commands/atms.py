"""`barada atms`: how each ATM is, which of the broken ones to put back to work, and where."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import click

from switch.commands.atm_desk import Look, fleet_of, look, survey_of
from switch.commands.atm_rows import (
    Row,
    assignment_rows,
    district_row,
    machine_row,
    machine_whole,
    prospect_row,
    write_csv,
)
from switch.commands.books import Desk
from switch.commands.given import config_options, given_settings, json_option
from switch.commands.orders import ask_switch, attributed, readable, tell_verdict
from switch.commands.showing import show_object
from switch.fleet.assigning import NoSolverError, assign
from switch.fleet.machine import State
from switch.fleet.plan import plan_of, problem_of

Command = Callable[..., Any]

DAYS = 28
_POUND_MINOR = 100


def looking(command: Command) -> Command:
    """What every look takes."""
    options = (
        click.option("--days", type=click.IntRange(1, 90), default=DAYS, show_default=True, help="Traffic of so many."),
        json_option,
    )
    for option in reversed(options):
        command = option(command)
    return config_options(command)


_csv = click.option("--csv", "as_csv", is_flag=True, help="CSV instead of tables.")


@click.group()
def atms() -> None:
    """The ATMs: how they are, what is left in them, what to do about those that are broken.

    A look works while the switch is down; `replenish` goes to the running switch.
    """


@atms.command("list")
@click.option("--state", type=click.Choice([state.value for state in State]), help="Only in this state.")
@looking
@_csv
def list_(path: str, overrides: tuple[str, ...], days: int, as_json: bool, as_csv: bool, state: str | None) -> None:
    """Every ATM: state and since when, cash left and for how long, last fault, last success."""
    desk, seen = _look(path, overrides, days)
    machines = [one for one in seen.machines.values() if state in (None, one.found.state.value)]
    rows = [machine_row(one, seen.fleet, desk.times) for one in machines]
    if not _told(as_json, as_csv, {"atms": rows}, rows):
        from switch.commands.atm_tables import show_list

        show_list(machines, seen.fleet, desk.times)


@atms.command()
@click.argument("terminal")
@looking
def show(path: str, overrides: tuple[str, ...], days: int, as_json: bool, terminal: str) -> None:
    """Everything about one ATM, named by its terminal (field 41)."""
    desk, seen = _look(path, overrides, days)
    machine = seen.machines.get(terminal)
    if machine is None:
        raise click.ClickException(f"{terminal}: no such ATM in the register, the reports or the withdrawals")
    if as_json:
        show_object(machine_whole(machine, seen, desk.times))
    else:
        from switch.commands.atm_tables import show_machine

        show_machine(machine, seen, desk.times)


@atms.command()
@looking
@_csv
def survey(path: str, overrides: tuple[str, ...], days: int, as_json: bool, as_csv: bool) -> None:
    """Where demand outruns the machines, and which broken ones can be put back to work, with the reasons."""
    _, seen = _look(path, overrides, days, needed=True)
    found = survey_of(seen)
    prospects = [prospect_row(one, found, seen) for one in found.prospects]
    whole = {
        "wanted_per_1000_hour": round(found.demand.wanted_per_1000_hour, 4),
        "capacity_per_hour": round(found.demand.capacity_per_hour, 3),
        "districts": [district_row(one) for one in found.demand.districts],
        "machines": prospects,
    }
    if not _told(as_json, as_csv, whole, prospects):
        from switch.commands.atm_tables import show_survey

        show_survey(found, seen)


@atms.command()
@looking
@_csv
@click.option("--budget", type=click.IntRange(0), metavar="POUNDS", help="It may cost no more.")
@click.option("--machines", type=click.IntRange(0), metavar="N", help="No more machines than this.")
def plan(
    path: str,
    overrides: tuple[str, ...],
    days: int,
    as_json: bool,
    as_csv: bool,
    budget: int | None,
    machines: int | None,
) -> None:
    """Which broken ATM to put back to work in which district, for the most relief."""
    _, seen = _look(path, overrides, days, needed=True)
    found = survey_of(seen)
    budget_minor = budget * _POUND_MINOR if budget is not None else None
    problem = problem_of(seen.fleet, found.demand, found.prospects, budget_minor=budget_minor, machines_max=machines)
    unserved = sum(one.unserved_per_hour for one in found.demand.districts)
    try:
        made = plan_of(problem, assign(problem), unserved)
    except NoSolverError as error:
        raise click.ClickException(str(error)) from None
    rows = assignment_rows(made, seen.fleet)
    whole = {
        "relief_per_hour": round(made.relief_per_hour, 3),
        "unserved_per_hour": round(made.unserved_per_hour, 3),
        "cost_minor": made.cost_minor,
        "budget_minor": budget_minor,
        "assignments": rows,
        "left_out": list(made.left_out),
    }
    if not _told(as_json, as_csv, whole, rows):
        from switch.commands.atm_tables import show_plan

        show_plan(made, seen.fleet)


@atms.command()
@config_options
@click.argument("terminal")
@click.argument("cassettes", nargs=-1, required=True, metavar="NOTExNUMBER...")
@attributed
@json_option
def replenish(
    path: str,
    overrides: tuple[str, ...],
    terminal: str,
    cassettes: tuple[str, ...],
    who: str,
    why: str,
    yes: bool,
    as_json: bool,
) -> None:
    """Say what an ATM's cassettes hold now, such as 500x2000 200x1500: notes in pounds, and how many."""
    filled = [_filled(one) for one in cassettes]
    order = readable("atm", who, why, terminal=terminal, cassettes=filled)
    settings = given_settings(path, overrides)
    known = fleet_of(settings).atms
    if known and terminal not in known:
        raise click.UsageError(f"{terminal}: not in the register {settings.fleet.register}")
    total = f"{sum(one['denomination_minor'] * one['notes'] for one in filled) // _POUND_MINOR:,}"
    if not yes:
        click.confirm(
            f"{terminal} holds {' '.join(cassettes)}, in all {total}, and nothing else?", abort=True, err=True
        )
    verdict = ask_switch(settings.switch.admin_socket, order)
    tell_verdict(verdict, terminal, more=f", in all {total}", as_json=as_json, terminal=terminal)


def _look(path: str, overrides: tuple[str, ...], days: int, *, needed: bool = False) -> tuple[Desk, Look]:
    desk = Desk(given_settings(path, overrides))
    return desk, look(desk, fleet_of(desk.settings, needed=needed), days)


def _told(as_json: bool, as_csv: bool, whole: dict[str, Any], rows: Iterable[Row]) -> bool:
    if as_json and as_csv:
        raise click.UsageError("give --json or --csv, one of them")
    if as_json:
        show_object(whole)
    elif as_csv:
        write_csv(rows)
    return as_json or as_csv


def _filled(given: str) -> dict[str, int]:
    found = re.fullmatch(r"(1|2|25|5)(0{0,5})x([0-9]{1,6})", given)
    if found is None:
        raise click.UsageError(
            f"{given}: allowed: a note (1, 2, 25 or 5, and zeros) and how many there are, such as 500x2000"
        )
    return {"denomination_minor": int(found[1] + found[2]) * _POUND_MINOR, "notes": int(found[3])}
