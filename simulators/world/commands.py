"""`barada simulate`: a whole bank, many times over, with everything that can go wrong.

Rule: the last line of standard output is the report, as JSON where that was asked for; a failure is told before it, as
a story that anybody can run again. The exit code is 1 if anything was violated.
"""

from __future__ import annotations

import json
import os
import sys
import time

import click

from simulators.world.outcome import Script
from simulators.world.rates import Level
from simulators.world.series import Series, run_series
from simulators.world.story import shrink, tell
from switch.flow.share import WORKERS_MAX

LINES_MAX = 400


@click.command()
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of the first run; then one more.")
@click.option("--runs", type=click.IntRange(1), default=20, show_default=True, help="How many runs.")
@click.option("--payments", type=click.IntRange(1), default=50, show_default=True, help="Payments in each run.")
@click.option(
    "--faults", "level", type=click.Choice([level.value for level in Level]), default="heavy", show_default=True
)
@click.option("--faults-max", type=click.IntRange(0), help="Only so many faults in each run, the first ones.")
@click.option("--workers", type=click.IntRange(1, WORKERS_MAX), default=1, show_default=True, help="Of the switch.")
@click.option("--new-year", is_flag=True, help="The night of 31 December 2025, in which the pound drops two zeros.")
@click.option("--jobs", type=click.IntRange(1), default=os.cpu_count() or 1, help="Processes; as many as cores.")
@click.option("--tell", "told", is_flag=True, help="Tell the first failure without making it shorter.")
@click.option("--json", "as_json", is_flag=True, help="The report as one JSON object, on the last line.")
def simulate(
    seed: int,
    runs: int,
    payments: int,
    level: str,
    faults_max: int | None,
    workers: int,
    new_year: bool,
    jobs: int,
    told: bool,
    as_json: bool,
) -> None:
    """Run the whole bank in a simulated world, and check that no money is lost whatever happens."""
    scripts = [
        Script(number, payments, Level(level), faults_max, workers=workers, new_year=new_year)
        for number in range(seed, seed + runs)
    ]
    series, started = Series(), time.perf_counter()
    for outcome in run_series(scripts, jobs):
        series.add(outcome)
        if outcome.violations:
            click.echo(f"seed {outcome.script.seed}: {outcome.violations[0].text}", err=True)
    report = series.report(time.perf_counter() - started)
    if series.first_failed is not None:
        script = series.first_failed.script if told else shrink(series.first_failed)
        for number, line in enumerate(tell(script)):
            if number < LINES_MAX:
                click.echo(line, err=as_json)
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False))
    else:
        _say(series, report["payments_per_s"])
    sys.exit(1 if series.failures else 0)


def _say(series: Series, payments_per_s: float) -> None:
    for row in series.rows_never_reached:
        click.echo(f"never reached: {row}")
    for kind in series.faults_never_met:
        click.echo(f"never happened: {kind}")
    click.echo(
        f"{series.runs} runs, {series.payments} payments, {series.simulated_s:.0f} s simulated, "
        f"{payments_per_s:.0f} payments/s, {len(series.failures)} violations, digest {series.digest}"
    )
