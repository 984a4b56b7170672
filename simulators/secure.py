"""TLS as the other sides of the switch speak it: each with the certificate that `barada certs demo` made for it.

Rule: which files those are says `switch.security.certificates.demo_certificates`; whether there is TLS at all says the
configuration. The switch is known by the name of its [tls.NAME], which is in its certificate whatever it listens on.
"""

from datetime import UTC, datetime

from config.sections import ListenerSettings, PeerSettings, Settings
from switch.net.tls import Tls
from switch.net.tls_files import open_identity
from switch.security.certificates.demo_certificates import client_files, peer_files

HANDSHAKE_WITHIN_S = 10.0


def channel_tls(settings: Settings, listener: ListenerSettings) -> Tls | None:
    """For who connects to this listener. Raises ConfigError."""
    files = client_files(settings, listener)
    return None if files is None else open_identity(files, datetime.now(UTC)).dialling(listener.tls or "")


def peer_tls(settings: Settings, peer: PeerSettings) -> Tls | None:
    """For who is this peer. Raises ConfigError."""
    files = peer_files(settings, peer)
    return None if files is None else open_identity(files, datetime.now(UTC)).accepting()
