"""`barada disputes`: the cases that a settlement opened, and what the desk does about each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click
from msgspec.structs import asdict

from ledger.model import Group
from switch.backoffice.keeping import new_id
from switch.backoffice.settle import peers_of
from switch.commands.books import Desk
from switch.commands.dispute_desk import advise, all_cases, commit, confirm_resolution, get_case, resolution_of
from switch.commands.given import config_options, given_settings, json_option
from switch.commands.orders import attributed
from switch.commands.settlement import one_line_errors
from switch.commands.settlement_tables import case_facts, case_object, state_words
from switch.commands.showing import show_object
from switch.commands.tables import show_facts, show_rows
from switch.commands.times import Day, Span, Times
from switch.settlement import case as life
from switch.settlement.case import Case, CaseError, Said, State
from switch.settlement.resolution import Resolution, row_of

_COLUMNS = ("case", "state", "age", "peer", "break", "reference", "difference")


@click.group()
def disputes() -> None:
    """Breaks that people have to settle: list them, look at one, take it, resolve or dismiss it.

    A look works while the ledger is down; the rest is written to the running ledger.
    """


@disputes.command("list")
@config_options
@click.option("--state", type=click.Choice([one.value for one in State]), help="Only in this state.")
@click.option("--peer", metavar="PEER", help="Only of this peer.")
@click.option("--day", type=Day(), help="Only found on this day.")
@click.option("--older-than", type=Span(), metavar="SPAN", help="Opened longer ago than this: 90s, 30m, 2h, 1d.")
@click.option("--all", "everything", is_flag=True, help="Those that are over, too.")
@json_option
def list_(
    path: str,
    overrides: tuple[str, ...],
    state: str | None,
    peer: str | None,
    day: str | None,
    older_than: float | None,
    everything: bool,
    as_json: bool,
) -> None:
    """Cases, the oldest first; those that are not over if nothing else is asked."""
    desk = Desk(given_settings(path, overrides))
    if peer is not None and peer not in (peers := peers_of(desk.settings)):
        raise click.UsageError(f"--peer {peer}: allowed: {', '.join(peers)}")
    latest = desk.times.now - older_than if older_than is not None else float("inf")
    with one_line_errors():
        found = [
            one
            for one in all_cases(desk.settings)
            if peer in (None, one.peer)
            and day in (None, one.day)
            and one.opened_at <= latest
            and (one.state == state if state else everything or one.state not in life.OVER)
        ]
    if as_json:
        show_object({"disputes": [_listed(one, desk.times) for one in found]})
    else:
        show_rows(f"Disputes: {len(found)}", _COLUMNS, (_row(one, desk) for one in found))


@disputes.command()
@config_options
@click.argument("case")
@json_option
def show(path: str, overrides: tuple[str, ...], case: str, as_json: bool) -> None:
    """Everything about one CASE: the break, and who did what and why."""
    desk = Desk(given_settings(path, overrides))
    with one_line_errors():
        found = get_case(desk.settings, case)
    history = [{**asdict(step), "at": desk.times.written(step.at)} for step in found.history]
    if as_json:
        show_object({**_listed(found, desk.times), "history": history})
        return
    show_facts(f"Dispute {found.id}", case_facts(found, desk))
    steps = [
        (
            desk.times.shown(one.at),
            one.who,
            one.act.value,
            desk.money(one.added_minor, found.day) if one.transfer else "",
            one.why,
        )
        for one in found.history
    ]
    show_rows("History", ("at", "who", "what", "amount", "why"), steps)


@disputes.command()
@config_options
@click.argument("case")
@attributed
@json_option
def take(path: str, overrides: tuple[str, ...], case: str, who: str, why: str, yes: bool, as_json: bool) -> None:
    """Say that you see to it: only its owner resolves a case. It may be taken over from another."""
    desk, found, words = _begin(path, overrides, case, who, why)
    _keep(desk, _allowed(lambda: life.take(found, words, desk.times.now)), yes=yes, as_json=as_json, verb="Take")


@disputes.command()
@config_options
@click.argument("case")
@attributed
@json_option
def dismiss(path: str, overrides: tuple[str, ...], case: str, who: str, why: str, yes: bool, as_json: bool) -> None:
    """End it without moving money: the peer put it right, or there is nothing to put right."""
    desk, found, words = _begin(path, overrides, case, who, why)
    _keep(desk, _allowed(lambda: life.dismiss(found, words, desk.times.now)), yes=yes, as_json=as_json, verb="Dismiss")


@disputes.command()
@config_options
@click.argument("case")
@click.option(
    "--amount-minor",
    type=click.IntRange(1),
    metavar="N",
    help="Only so much, in units of the books; never more than the break.",
)
@attributed
@json_option
def resolve(
    path: str,
    overrides: tuple[str, ...],
    case: str,
    amount_minor: int | None,
    who: str,
    why: str,
    yes: bool,
    as_json: bool,
) -> None:
    """Move the difference in the open business day, and end the case with it.

    What the books have too much goes back by a contra of its posting; the rest stands against the bank's account for
    disputes. The accounts follow from the break.
    """
    desk, found, words = _begin(path, overrides, case, who, why)
    made = _allowed(lambda: resolution_of(desk, found, words, amount_minor))
    confirm_resolution(made, desk, yes=yes)
    commit(desk.settings, made.group)
    advised = advise(desk.settings, made, words) if made.advises_core else ""
    _tell(
        made.case,
        desk.times,
        as_json=as_json,
        more="".join(f"; {words}" for words in _moved(desk, found, made, advised)),
    )


def _moved(desk: Desk, found: Case, made: Resolution, advised: str) -> Iterator[str]:
    minor, day, currency = made.transfer.amount_minor, made.transfer.day, found.currency
    yield f"{desk.money(minor, day, currency)} moved in business day {day}"
    if minor < found.amount_minor:
        left = desk.money(found.amount_minor - minor, found.day, currency)
        yield f"the next settlement opens it again with the {left} that are left"
    if advised:
        yield advised


def _begin(path: str, overrides: tuple[str, ...], case: str, who: str, why: str) -> tuple[Desk, Case, Said]:
    desk = Desk(given_settings(path, overrides))
    try:
        words = life.said(who, why)
    except CaseError as fault:
        raise click.UsageError(str(fault)) from None
    with one_line_errors():
        return desk, get_case(desk.settings, case), words


def _allowed(step: Any) -> Any:
    try:
        return step()
    except CaseError as fault:
        raise click.ClickException(f"not done: {fault}") from None


def _keep(desk: Desk, changed: Case, *, yes: bool, as_json: bool, verb: str) -> None:
    if not yes:
        click.echo(f"{changed.id}: {changed.kind} at {changed.peer}", err=True)
        click.confirm(f"{verb} it?", abort=True, err=True)
    commit(desk.settings, Group(new_id(desk.times.now), registers=(row_of(changed),)))
    _tell(changed, desk.times, as_json=as_json)


def _tell(changed: Case, times: Times, *, as_json: bool, more: str = "") -> None:
    if as_json:
        show_object(_listed(changed, times))
    else:
        click.echo(f"dispute {changed.id}: {changed.state}{more}")


def _listed(one: Case, times: Times) -> dict[str, Any]:
    opened = {"opened_at": times.written(one.opened_at), "age_s": int(times.now - one.opened_at)}
    return {**case_object(one), **opened}


def _row(one: Case, desk: Desk) -> tuple[str, ...]:
    ends = desk.money(one.difference_minor, one.day, one.currency)
    age = desk.times.ago(one.opened_at)
    return (one.id, state_words(one), age, one.peer, one.kind.value, one.reference, ends)
