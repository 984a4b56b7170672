"""`barada send`: one message to a switch, and its answer explained.

Rule: for trying a line out, and for test keys. A PIN goes into its block and nowhere else. What is sent and what comes
back is shown as `barada decode` shows it.

Exit codes: 0 answered 00; 1 answered otherwise, or not at all; 2 wrong usage.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from switch.commands.certified import Certified, tls_options
from switch.commands.conversation import Conversation
from switch.commands.endpoint import Endpoint, Keys, Ways, endpoint_of
from switch.commands.question import SERVICE_NAMES, BadField, Given, Stamp, needs_sign_on, question, sign_on
from switch.commands.talk import Asked, Talk, tell
from switch.security.crypto.pin import seal_pin
from switch.security.crypto.pin_block import FILL_SIZE
from switch.security.port import PinBlockError
from switch.wire.dialect import Dialect, UnencodableMessage
from switch.wire.envelope import Envelope
from switch.wire.mti import repeat_of
from switch.wire.names import field_name
from switch.wire.original import LAYOUTS
from switch.wire.specs import DIALECTS

TIMEOUT_S = 30.0  # as long as a channel waits


@click.command()
@click.option("--to", metavar="HOST:PORT", help="Where to connect.")
@click.option("--config", "path", type=click.Path(dir_okay=False), help="A configuration, for --listener.")
@click.option("--listener", metavar="NAME", help="Connect and speak as this listener of the configuration expects.")
@click.option("--service", type=click.Choice(SERVICE_NAMES), help="Gives the MTI and field 3, or 70.")
@click.option(
    "--fields", default="{}", metavar="JSON", help='{"3": "310000", "48": {"01": "…"}}; @FILE or - to read it.'
)
@click.option("--pan", help="A test card's number, field 2: everybody on the machine can read it here.")
@click.option("--pin", is_flag=True, help="Builds field 52 over the card number, of a PIN that is asked for.")
@click.option("--dialect", type=click.Choice(DIALECTS), help="iso87-ascii unless the listener says otherwise.")
@click.option("--framing", help="length2 unless the listener says otherwise.")
@click.option("--charset", help="utf-8 unless the listener says otherwise.")
@click.option("--original-layout", type=click.Choice(LAYOUTS), help="Of field 90.")
@click.option("--mac-key", metavar="FILE", help="A file with a test key in hexadecimal, its owner's alone.")
@click.option("--mac-algorithm", type=click.Choice(["retail", "aes-cmac"]), default="retail", show_default=True)
@click.option("--mac-padding", type=click.IntRange(1, 2), default=1, show_default=True, help="Of the retail MAC.")
@click.option("--mac-network/--no-mac-network", default=None, help="Whether 0800 carries a MAC too.")
@click.option("--pin-key", metavar="FILE", help="Likewise, for field 52.")
@tls_options
@click.option("--sign-on/--no-sign-on", "signs_on", default=True, show_default=True, help="0800/001 first.")
@click.option("--repeat", is_flag=True, help="Then send it again as a repeat (0201 for 0200).")
@click.option("--timeout", "timeout_s", type=click.FloatRange(min=0.001), default=TIMEOUT_S, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per message.")
def send(**options: Any) -> None:
    """Send one message and explain its answer.

    The fields are given as JSON, by number, with "t" for the MTI. Absent ones of 7, 11, 12, 13, 22, 25 and 37 are
    filled in, as are 32, 41, 42 and 49 where a configuration names them. Field 48 may be an object of tags, 90 an
    object of the original's fields; 4, 41, 42, 74 to 79, 86 to 89, 97 and 98 need no padding. A `reconciliation` needs
    the day (15); figures that are absent are zero. The MAC is computed. A listener under TLS is spoken to with the
    certificate that `barada certs demo` made for it, unless another is given.

    \b
    barada send --config demo.toml --listener mobile --service balance \\
        --fields '{"102": "10000000050001", "48": {"01": "963900000005"}}'
    barada send --config demo.toml --listener atm --service atm-status \\
        --fields '{"41": "ATM00004", "48": {"20": "IN-SERVICE"}}'
    barada send --config demo.toml --listener mobile --service reconciliation \\
        --fields '{"15": "1130", "76": 12, "88": 451851, "97": "D451851"}'

    The exit code is 0 if the answer is 00, 1 if it is not or there is none, 2 if this was not understood.
    """
    given = _given(options["fields"])
    endpoint = endpoint_of(
        options["to"],
        options["path"],
        options["listener"],
        Ways(*(options[name] for name in ("dialect", "framing", "charset", "original_layout", "mac_network"))),
        Keys(*(options[name] for name in ("mac_key", "mac_algorithm", "mac_padding", "pin_key"))),
        Certified.given(options),
    )
    stamp = Stamp(datetime.now(UTC), _new_stan(), endpoint.zone)
    fields = _question(given, options, endpoint, stamp)
    messages = [fields, {**fields, "t": repeat_of(fields["t"])}] if options["repeat"] else [fields]
    asked = [Asked(one, _sealed(endpoint.envelope, one)) for one in messages]
    first = sign_on(endpoint.speaker, Stamp(stamp.moment, _new_stan(), stamp.zone))
    signs_on = options["signs_on"] and needs_sign_on(fields)
    with _connected(endpoint) as conversation:
        talk = Talk(conversation, endpoint.envelope, options["timeout_s"], options["as_json"])
        if signs_on and not talk.sign_on(Asked(first, _sealed(endpoint.envelope, first))):
            sys.exit(1)
        approved = [talk.exchange(one) for one in asked]
    sys.exit(0 if approved[-1] else 1)


def _connected(endpoint: Endpoint) -> Conversation:
    try:
        return Conversation(endpoint, tell)
    except OSError as error:
        why = error.strerror or ("no answer" if isinstance(error, TimeoutError) else str(error))
        raise click.ClickException(f"{endpoint.host}:{endpoint.port}: {why}") from None


def _question(given: Given, options: Mapping[str, Any], endpoint: Endpoint, stamp: Stamp) -> dict[str, str]:
    pan = options["pan"] or given.get("2")
    if options["pan"]:
        given = {**given, "2": pan}
    block = _pin_block(pan, endpoint) if options["pin"] else None
    try:
        return question(given, options["service"], endpoint.speaker, stamp, endpoint.envelope.dialect, block)
    except BadField as error:
        raise click.UsageError(f"--fields: {error}") from None


def _pin_block(pan: object, endpoint: Endpoint) -> str:
    if endpoint.pin is None:
        raise click.UsageError("--pin needs a PIN key: --pin-key, or a listener that has one")
    if not isinstance(pan, str):
        raise click.UsageError("--pin needs a card number: --pan, or field 2")
    try:
        pin: str = click.prompt("PIN", hide_input=True, err=True)
        return seal_pin(pin, pan, endpoint.pin, os.urandom(FILL_SIZE))
    except PinBlockError as error:
        raise click.UsageError(f"--pin: {error}") from None


def _sealed(envelope: Envelope, fields: dict[str, str]) -> bytes:
    try:
        return envelope.seal(fields)
    except UnencodableMessage as error:
        raise click.UsageError(f"field {error.field}: allowed: {_allowed(error.field, envelope.dialect)}") from None


def _allowed(de: str, dialect: Dialect) -> str:
    """What a dialect takes in a field, from its specification."""
    entry = dialect.codec.spec.get(de, {})
    in_digits = entry.get("data_enc") == "b"
    size = entry.get("max_len", 0) * (2 if in_digits and entry.get("len_count") != "nibbles" else 1)
    unit = "hexadecimal digits" if in_digits else "bytes"
    return f"{'up to' if entry.get('len_type') else 'exactly'} {size} {unit} ({field_name(de)})"


def _given(text: str) -> Given:
    try:
        fields = msgspec.json.decode(_text(text), type=dict[str, Any])
    except msgspec.DecodeError:
        raise click.BadParameter(
            'not understood: allowed: JSON such as {"3": "310000"}', param_hint="--fields"
        ) from None
    return fields


def _text(text: str) -> bytes:
    if text == "-":
        return sys.stdin.buffer.read()
    if not text.startswith("@"):
        return text.encode()
    try:
        return Path(text[1:]).read_bytes()
    except OSError as error:
        raise click.BadParameter(f"{text[1:]}: {error.strerror}", param_hint="--fields") from None


def _new_stan() -> str:
    return f"{1 + secrets.randbelow(999_999):06d}"
