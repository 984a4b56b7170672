"""What must hold of TLS: no clear text beyond loopback unless the file says so, and nothing said that has no effect.

Rule: as in `config.checks`. What is in the certificates' files is looked at when they are opened.
"""

from collections.abc import Callable, Iterator
from ipaddress import ip_address

from config.choices import PeerKind
from config.errors import did_you_mean, one_of, shown
from config.key_checks import Fault, endpoints
from config.sections import Settings


def identities_are_known(settings: Settings) -> Iterator[Fault]:
    for place, endpoint in endpoints(settings):
        if endpoint.tls is not None and endpoint.tls not in settings.tls:
            known = f"{one_of(settings.tls)}{did_you_mean(endpoint.tls, settings.tls)}"
            yield f"{place}.tls", f"{shown(endpoint.tls)}: allowed: the name of a [tls.NAME]: {known}"


def clear_text_stays_on_loopback(settings: Settings) -> Iterator[Fault]:
    for place, endpoint in endpoints(settings):
        if endpoint.tls is None and not is_loopback(endpoint.host) and not endpoint.cleartext_off_loopback:
            wrong = f"missing, and {shown(endpoint.host)} is not loopback"
            yield f"{place}.tls", f"{wrong}: allowed: the name of a [tls.NAME], or cleartext_off_loopback = true"


def nothing_about_tls_is_said_without_it(settings: Settings) -> Iterator[Fault]:
    """A pin that nobody looks at is worse than none."""
    for place, endpoint in endpoints(settings):
        if endpoint.tls is None and endpoint.pins:
            yield f"{place}.pins", "given without tls: allowed: with it"
    for name, peer in settings.peers.items():
        if peer.tls is None and peer.tls_name is not None:
            yield f"peers.{name}.tls_name", "given without tls: allowed: with it"


def nobody_is_called_like_the_core(settings: Settings) -> Iterator[Fault]:
    """A certificate is its peer's by its name alone: another peer's would be taken for the core's."""
    cores = {peer.certificate_name for peer in settings.peers.values() if peer.kind is PeerKind.CORE and peer.tls}
    for name, peer in settings.peers.items():
        if peer.kind is not PeerKind.CORE and peer.tls and peer.certificate_name in cores:
            key = "host" if peer.tls_name is None else "tls_name"
            yield f"peers.{name}.{key}", f"{shown(peer.certificate_name)}: allowed: a tls_name that is not the core's"


def is_loopback(host: str) -> bool:
    """Only what is so by its own words: what a name resolves to may change."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


TLS_CHECKS: tuple[Callable[[Settings], Iterator[Fault]], ...] = (
    identities_are_known,
    clear_text_stays_on_loopback,
    nothing_about_tls_is_said_without_it,
    nobody_is_called_like_the_core,
)
