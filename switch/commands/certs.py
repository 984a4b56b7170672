"""`barada certs`: certificates for a demo, and what a certificate says."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from config.settings import Settings
from switch.commands.given import config_options, given_settings, json_option
from switch.commands.tables import show_facts, show_rows
from switch.security.certificates.demo_certificates import Made, make_demo_certificates
from switch.security.certificates.reading import Certificate, CertificateError, read_pem

DAYS = 365
WARNING = "FOR TEST ONLY: the authority's private key lies in a file beside its certificate; trust it with nothing real"


@click.group()
def certs() -> None:
    """Certificates of TLS: make some for a demo, look at one."""


@certs.command()
@config_options
@click.option("--days", type=click.IntRange(1, 3650), default=DAYS, show_default=True, help="How long they are valid.")
@click.option("--force", is_flag=True, help="Write over what is there: every key and certificate anew.")
@json_option
def demo(path: str, overrides: tuple[str, ...], days: int, force: bool, as_json: bool) -> None:
    """Make an authority and what every endpoint of a configuration needs, both sides.

    The switch's own files go where [tls.NAME] says; the other sides' beside its certificate: clients/LISTENER.pem and
    .key for the channels, each bound to its listener's institutions and terminals, and peers/PEER.pem and .key. The
    simulators and `barada send` look for them there. What is there already is kept, so that this can be run again
    when the configuration has grown.
    """
    made = make_demo_certificates(_with_tls(given_settings(path, overrides)), datetime.now(UTC), days, anew=force)
    if as_json:
        click.echo(msgspec.json.encode({"certificates": [_as_object(one) for one in made]}))
    else:
        rows = ((one.whose, str(one.certificate), "made" if one.is_new else "was there") for one in made)
        show_rows("Certificates", ("whose", "certificate", ""), rows)
    click.echo(WARNING, err=True)


@certs.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
def show(file: Path, as_json: bool) -> None:
    """Say what the certificates of FILE (PEM) are for, until when, and the pin of their keys."""
    try:
        certificates = read_pem(file.read_bytes())
    except CertificateError as error:
        raise click.ClickException(f"{file}: {error}") from None
    if as_json:
        click.echo(msgspec.json.encode({"certificates": [_told(one) for one in certificates]}))
        return
    for one in certificates:
        show_facts(one.subject, _facts(one))


def _with_tls(settings: Settings) -> Settings:
    if not settings.tls:
        raise click.UsageError("the configuration has no [tls.NAME], so there is nothing to make")
    return settings


def _as_object(one: Made) -> dict[str, Any]:
    return {"whose": one.whose, "certificate": str(one.certificate), "key": str(one.key), "made": one.is_new}


def _told(one: Certificate) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(one)
    mandate = told.pop("mandate") or {"institutions": [], "terminals": []}
    return {**told, **mandate}


def _facts(one: Certificate) -> tuple[tuple[str, str], ...]:
    mandate = one.mandate
    return (
        ("issuer", one.issuer),
        ("valid", f"{one.begins:%Y-%m-%d %H:%M} to {one.ends:%Y-%m-%d %H:%M} UTC"),
        ("may sign others", "yes" if one.is_authority else ""),
        ("names", ", ".join(one.names)),
        ("institutions", ", ".join(mandate.institutions) if mandate else ""),
        ("terminals", ", ".join(mandate.terminals) if mandate else ""),
        ("pin", one.pin),
    )
