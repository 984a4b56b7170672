"""The fleet for people: tables that fit a terminal of a hundred columns, districts in English and Arabic."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from config.fleet_sections import Fleet
from switch.commands.atm_desk import Look, Survey
from switch.commands.tables import show_facts, show_rows, whole
from switch.commands.times import Times
from switch.fleet.demand import District
from switch.fleet.machine import Machine, State
from switch.fleet.plan import Plan
from switch.fleet.rehabilitation import Prospect
from switch.fleet.report import Cassette
from switch.fleet.standing import Episode
from switch.wire.names import CURRENCIES


def show_list(machines: Sequence[Machine], fleet: Fleet, times: Times) -> None:
    counts = {state: sum(one.found.state is state for one in machines) for state in State}
    said = ", ".join(f"{count} {state.value}" for state, count in counts.items() if count)
    columns = ("terminal", "district", "state", "since", "cash", "lasts", "last fault", "paid", "refused")
    show_rows(f"{len(machines)} ATMs: {said}", columns, (_machine(one, fleet, times) for one in machines))


def _machine(one: Machine, fleet: Fleet, times: Times) -> tuple[str, ...]:
    fault, traffic = one.last_fault, one.traffic
    return (
        one.terminal,
        district_of(one.terminal, fleet),
        one.found.state.value,
        ago(one.found.since, times),
        whole(one.cash_minor) if one.cash_minor is not None else "",
        lasts(one),
        f"{fault.fault.component.lower()} {ago(fault.since, times)}" if fault is not None else "",
        ago(traffic.last_at, times),
        f"{ago(traffic.refusals.last_at, times)} {traffic.refusals.last_code}".strip(),
    )


def show_machine(one: Machine, seen: Look, times: Times) -> None:
    show_facts(one.terminal, _facts(one, seen.fleet, times))
    if one.cassettes:
        show_rows("Cassettes, as estimated", ("note", "left", "state"), map(_cassette, one.cassettes))
    history = seen.histories.get(one.terminal, ())
    if history:
        columns = ("began", "ended", "component", "severity", "code")
        show_rows("Faults, the newest first", columns, (_episode(each, times) for each in reversed(history)))


def _facts(one: Machine, fleet: Fleet, times: Times) -> Iterator[tuple[str, str]]:
    traffic, refusals = one.traffic, one.traffic.refusals
    yield "state", f"{one.found.state.value}: {one.found.why}"
    yield "since", times.shown(one.found.since)
    yield from _where(one.terminal, fleet)
    if one.cash_minor is not None:
        yield "cash left", f"{whole(one.cash_minor)}{f', for {lasts(one)} at its usual pace' if lasts(one) else ''}"
    yield "counted", times.shown(one.counted_at)
    yield "filled", times.shown(one.filled_at)
    per_hour = whole(round(one.pace.minor_per_hour))
    yield "pace", f"{one.pace.withdrawals_per_hour:.2f} withdrawals and {per_hour} an hour"
    yield "last success", times.shown(traffic.last_at)
    yield "last refusal", f"{times.shown(refusals.last_at)} {refusals.last_code}".strip()
    yield "refused", ", ".join(f"{count} × {code}" for code, count in sorted(refusals.by_code.items()))
    yield "last heard", times.shown(one.heard_at)
    yield "paper, firmware", ", ".join(filter(None, (one.paper, one.firmware)))


def _where(terminal: str, fleet: Fleet) -> Iterator[tuple[str, str]]:
    """What the register says of it, if it is there."""
    atm = fleet.atms.get(terminal)
    if atm is not None:
        yield "site", f"{atm.site_en} · {atm.site_ar}"
        yield "district", district_of(terminal, fleet)
        yield "installed", f"{atm.installed}, {atm.condition.value}, cost class {atm.cost}"
        yield "power, line", f"{atm.power.value}, {atm.line.value}"


def _cassette(one: Cassette) -> tuple[str, ...]:
    note = f"{whole(one.denomination_minor)} {CURRENCIES.get(one.currency, one.currency)}"
    return note, f"{one.notes:,}", one.state


def _episode(one: Episode, times: Times) -> tuple[str, ...]:
    ended = times.shown(one.until) or "lasts"
    return times.shown(one.since), ended, one.fault.component, one.fault.severity, one.fault.code


def show_survey(survey: Survey, seen: Look) -> None:
    demand = survey.demand
    columns = ("district", "people", "working", "broken", "paid/h", "refused/h", "people each", "unserved/h")
    show_rows("Where demand outruns the machines that work (!)", columns, map(_district, demand.districts))
    possible = sum(one.possible for one in survey.prospects)
    against = ("terminal", "district", "score", "relief/h", "cost", "against it")
    title = f"{possible} of {len(survey.prospects)} broken machines can be put back to work"
    show_rows(title, against, (_prospect(one, survey, seen) for one in survey.prospects))


def _district(one: District) -> tuple[str, ...]:
    return (
        f"{one.name_en} {one.name_ar}",
        f"{one.population:,}",
        f"{one.working} of {one.machines}",
        str(one.broken),
        f"{one.withdrawals_per_machine_hour:.2f}",
        f"{one.refusals_per_machine_hour:.2f}",
        f"{one.people_per_machine:,}" if one.people_per_machine is not None else "–",
        f"{one.unserved_per_hour:.2f}{' !' if one.outruns else ''}",
    )


def _prospect(one: Prospect, survey: Survey, seen: Look) -> tuple[str, ...]:
    return (
        one.terminal,
        district_of(one.terminal, seen.fleet),
        f"{one.score}{'' if one.possible else ' no'}",
        f"{survey.reliefs[one.terminal]:.2f}" if one.possible else "",
        whole(one.cost_minor),
        "; ".join(f"{reason.words} -{reason.points}" for reason in one.reasons),
    )


def show_plan(plan: Plan, fleet: Fleet) -> None:
    title = (
        f"{len(plan.assignments)} machines relieve {plan.relief_per_hour:.2f} of {plan.unserved_per_hour:.2f} unserved "
        f"withdrawals an hour and cost {whole(plan.cost_minor)}"
    )
    rows = (
        (
            one.terminal,
            _district_name(fleet.atms[one.terminal].district, fleet),
            _district_name(one.district, fleet) if one.moved else "stays",
            f"{one.relief_per_hour:.2f}",
            whole(one.cost_minor),
        )
        for one in plan.assignments
    )
    show_rows(title, ("terminal", "stands in", "moves to", "relief/h", "cost"), rows)
    if plan.left_out:
        show_facts("", [("left out", ", ".join(plan.left_out))])


def district_of(terminal: str, fleet: Fleet) -> str:
    atm = fleet.atms.get(terminal)
    return _district_name(atm.district, fleet) if atm is not None else ""


def _district_name(name: str, fleet: Fleet) -> str:
    district = fleet.districts[name]
    return f"{district.name_en} {district.name_ar}"


def ago(at: float | None, times: Times) -> str:
    return times.ago(at) if at is not None else ""


def lasts(one: Machine) -> str:
    """Hours, or days where there are many."""
    if one.cash_minor is None or not one.pace.minor_per_hour:
        return ""
    if one.cash_lasts_h is None:
        return ">30d"
    return f"{one.cash_lasts_h:.0f}h" if one.cash_lasts_h < 72 else f"{one.cash_lasts_h / 24:.0f}d"
