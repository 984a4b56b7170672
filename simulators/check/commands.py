"""`barada check`: walk the payment saga through everything that can happen to one payment.

Rule: exit code 1 if a promise can be broken, or if a rule can be left out and nobody notices.
"""

from __future__ import annotations

import json
import sys

import click

from simulators.check.abilities import all_abilities
from simulators.check.removals import removals
from simulators.check.report import as_object, measured, summed, told
from simulators.check.verdict import Verdict, check_without
from simulators.check.verdict import check as check_one
from simulators.check.walk import STATES_MAX
from simulators.options import as_json as json_option


@click.command()
@json_option
@click.option(
    "--states-max",
    type=click.IntRange(1),
    default=STATES_MAX,
    show_default=True,
    help="Stop a configuration there, unfinished.",
)
def check(as_json: bool, states_max: int) -> None:
    """Check the saga: every configuration of peers, every story; then each rule taken out. Takes minutes."""
    kept, without = [], []
    for abilities in all_abilities():
        kept.append(check_one(abilities, states_max))
        _say(kept[-1], None, as_json)
    for removal in removals():
        without.append(check_without(removal, states_max))
        _say(without[-1], removal.rule, as_json)
    _sum_up(kept, without, as_json)
    sys.exit(1 if any(not verdict.holds for verdict in kept) or any(verdict.holds for verdict in without) else 0)


def _say(verdict: Verdict, rule: str | None, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(as_object(verdict, rule=rule)))
        return
    click.echo(measured(verdict))
    for line in told(verdict.story) if verdict.story is not None else ():
        click.echo(line)


def _sum_up(kept: list[Verdict], without: list[Verdict], as_json: bool) -> None:
    summary = summed(kept, without)
    if as_json:
        click.echo(json.dumps(summary))
        return
    for verdict in kept:
        if not verdict.holds:
            click.echo(f"A promise can be broken: {verdict.name}")
    for verdict in without:
        if verdict.holds:
            click.echo(f"Not missed: {verdict.name}")
    click.echo(
        f"{summary['configurations']} configurations, {summary['complete']} walked to the end, "
        f"{summary['broken']} broken: {summary['states']:,} states, {summary['transitions']:,} transitions. "
        f"{summary['rules_taken_out']} rules taken out, {summary['not_missed']} not missed. {summary['seconds']} s."
    )
