"""How `barada send` comes to its TLS: from options, or from the files that `barada certs demo` made for a listener.

Rule: an option that is given wins. A private key stays in its file and in OpenSSL.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from config.security_sections import TlsSettings

if TYPE_CHECKING:
    from switch.net.tls import Tls

Command = Callable[..., Any]

NO_FILES = TlsSettings(certificate="", key="", authorities="")
_OPTIONS = (
    click.option("--tls-certificate", metavar="FILE", help="Speak TLS, with this certificate (PEM)."),
    click.option("--tls-key", metavar="FILE", help="Its private key (PEM)."),
    click.option("--tls-authorities", metavar="FILE", help="Who signed the switch's certificate (PEM)."),
    click.option("--tls-name", metavar="NAME", help="The name in it: HOST; with --listener its [tls.NAME]."),
    click.option("--plain", is_flag=True, help="In clear, whatever the configuration says."),
)


@dataclass(frozen=True, slots=True)
class Certified:
    """The options of TLS as they were given: files in PEM, and the name that the switch must have."""

    certificate: str | None
    key: str | None
    authorities: str | None
    name: str | None
    plain: bool

    @classmethod
    def given(cls, options: dict[str, Any]) -> Certified:
        names = ("tls_certificate", "tls_key", "tls_authorities", "tls_name", "plain")
        return cls(*(options[name] for name in names))

    def tls(self, known: TlsSettings | None, name: str) -> Tls | None:
        """From the files that are known of and those that were given; None: in clear. Raises click.UsageError,
        ConfigError."""
        files = self._files(known or NO_FILES)
        if self.plain or files == NO_FILES:
            return None
        if not (files.certificate and files.key and files.authorities):
            raise click.UsageError("--tls-certificate, --tls-key and --tls-authorities go together")
        from switch.net.tls_files import open_identity  # only now, for the sake of the start

        return open_identity(files, datetime.now(UTC)).dialling(self.name or name)

    def _files(self, known: TlsSettings) -> TlsSettings:
        return TlsSettings(
            certificate=self.certificate or known.certificate,
            key=self.key or known.key,
            authorities=self.authorities or known.authorities,
        )


def tls_options(command: Command) -> Command:
    """The options that `Certified.given` reads."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
