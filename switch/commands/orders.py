"""Gives an operator's order to the running switch, and says what became of it.

Rule: nothing is changed from here. The switch decides by its saga and stores the order with who and why; this only
carries the line over its Unix socket. A switch that does not run is one line.
"""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Callable
from typing import Any

import click
import msgspec

from config.settings import Settings
from switch.commands.showing import show_object
from switch.commands.times import Times
from switch.flow.orders import WHO_MAX, WHY_MAX, Action, AnyOrder, Verdict, unfit, unreadable
from switch.flow.payment import Payment

ANSWER_WITHIN_S = 20.0
LINE_MAX = 65536

ATTESTS = {
    Action.POST: "You say that you saw both books: the core debited the customer, and the biller was paid.",
    Action.RELEASE: "You say that you saw both books: the biller was not paid and will not be, whatever still comes.",
    Action.CLOSE: "You say that you saw the core's books: they are right as they are.",
    Action.DROP: "You say that you saw the core's books: they are right as they are, and need no advice.",
}

Command = Callable[..., Any]


def login_name() -> str:
    """Who is asking, as the machine knows it."""
    try:
        return getpass.getuser()[:WHO_MAX]
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def order_options(command: Command) -> Command:
    """What every order about a payment needs."""
    return click.argument("payment")(attributed(command))


def attributed(command: Command) -> Command:
    """Who orders it and why, and whether that is asked again."""
    options = (
        click.option("--who", default=login_name, show_default="your login name", help="Who orders it."),
        click.option("--why", required=True, metavar="TEXT", help=f"Why, in up to {WHY_MAX} characters; it is kept."),
        click.option("--yes", is_flag=True, help="Do not ask for confirmation."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def give(settings: Settings, payment: Payment, action: Action, who: str, why: str, *, yes: bool) -> Verdict:
    """Ask for confirmation, then give the order. Raises click.ClickException when it can't be given."""
    order = readable("payment", who, why, payment=payment.id.hex(), action=action.value)
    if not yes:
        click.echo(f"{payment.service} {payment.id.hex()}, {payment.state.value}", err=True)
        if action in ATTESTS:
            click.echo(ATTESTS[action], err=True)
        click.confirm(f"{action.value.capitalize()} it?", abort=True, err=True)
    return ask_switch(settings.switch.admin_socket, order)


def readable(about: str, who: str, why: str, **given: Any) -> AnyOrder:
    """The order as it is sent. click.UsageError where it is none, in words that repeat nothing secret."""
    try:
        order: AnyOrder = msgspec.convert({"about": about, "who": who.strip(), "why": why.strip(), **given}, AnyOrder)
    except msgspec.ValidationError as error:
        raise click.UsageError(unreadable(str(error))) from None
    fault = unfit(order)
    if fault is not None:
        raise click.UsageError(fault)
    return order


def tell_verdict(verdict: Verdict, name: str = "", *, as_json: bool, more: str = "", **about: str) -> None:
    """What happened to what is called `name`, and `more` of what was done; what was refused ends with 1. `about` is a
    program's, of the same."""
    before = f"{name}: " if name else ""
    if as_json:
        show_object({**about, "done": verdict.done, "words": verdict.words})
    elif verdict.done:
        click.echo(f"{before}{verdict.words}{more}")
    if not verdict.done:
        raise click.exceptions.Exit(1) if as_json else click.ClickException(f"{before}not done: {verdict.words}")


def tell(verdict: Verdict, payment: Payment, times: Times, *, as_json: bool) -> None:
    """What happened; what was refused ends with 1."""
    if as_json:
        show_object({"payment": payment.id.hex(), **_object(verdict, times)})
    elif verdict.done:
        click.echo(f"payment {payment.id.hex()}: {verdict.words}{_next(verdict, times)}")
    if not verdict.done:
        if as_json:
            raise click.exceptions.Exit(1)
        until = f"; not before {times.shown(verdict.until)}" if verdict.until is not None else ""
        raise click.ClickException(
            f"payment {payment.id.hex()}: not done: {verdict.words}{until}{_next(verdict, times)}"
        )


def ask_switch(path: str | None, order: AnyOrder) -> Verdict:
    """The running switch's word. Raises click.ClickException where it can't be had."""
    if not path:
        raise click.ClickException("switch.admin_socket is empty: this switch takes no orders")
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(ANSWER_WITHIN_S)
            connection.connect(path)
            connection.sendall(msgspec.json.encode(order) + b"\n")
            with connection.makefile("rb") as answers:
                line = answers.readline(LINE_MAX)
    except (FileNotFoundError, ConnectionRefusedError):
        raise click.ClickException(f"the switch is not running: nobody listens on {path}") from None
    except OSError as error:
        raise click.ClickException(f"the switch can't be asked: {path}: {error.strerror or 'no answer'}") from None
    try:
        return msgspec.json.decode(line, type=Verdict)
    except msgspec.DecodeError:
        raise click.ClickException(
            "the switch gave no verdict: look at the payment, and into the switch's log"
        ) from None


def _next(verdict: Verdict, times: Times) -> str:
    return f"; next attempt {times.shown(verdict.next_at)}" if verdict.next_at is not None else ""


def _object(verdict: Verdict, times: Times) -> dict[str, Any]:
    return {
        "done": verdict.done,
        "words": verdict.words,
        "state": verdict.state,
        "next_at": times.written(verdict.next_at),
        "until": times.written(verdict.until),
    }
