"""What is wrong with a certificate's files is one line: the file, what is wrong, what is allowed."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from config.errors import ConfigError
from config.security_sections import TlsSettings
from config.settings import demo_path, load, without_tls
from switch.net.tls_files import expiring, open_identities, open_identity
from tests.unit.net.office import DAYS, NOW, OURS, office

PASSPHRASE = b"a test's passphrase"


@pytest.fixture
def files(tmp_path: Path) -> TlsSettings:
    """Files that are as they should be."""
    issued = office().ours.issue(OURS, NOW, DAYS)
    settings = TlsSettings(
        certificate=str(tmp_path / "switch.pem"),
        key=str(tmp_path / "switch.key"),
        authorities=str(tmp_path / "authority.pem"),
    )
    Path(settings.certificate).write_bytes(issued.certificate)
    Path(settings.authorities).write_bytes(office().ours.issued.certificate)
    Path(settings.key).touch(0o600)
    Path(settings.key).write_bytes(issued.key)
    return settings


def enciphered_key() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(PASSPHRASE))


Harm = Callable[[Path], object]
HARMS: dict[str, tuple[str, Harm, str]] = {
    "no certificate": ("certificate", Path.unlink, "No such file or directory: allowed: a certificate in PEM; `barada"),
    "no PEM": ("certificate", lambda path: path.write_bytes(b"\xff\0"), "not a certificate in PEM: allowed: "),
    "no key": ("key", Path.unlink, "No such file or directory: allowed: a file that its owner alone may read"),
    "read by its group": ("key", lambda path: path.chmod(0o640), "mode 640: allowed: a file that its owner alone"),
    "read by all": ("key", lambda path: path.chmod(0o604), "mode 604: allowed: a file that its owner alone"),
    "not a key": ("key", lambda path: path.write_text("key"), "not the key of the certificate: allowed: "),
    "another's key": ("key", lambda path: path.write_bytes(office().ours.issued.key), "not the key of the certificate"),
    "an enciphered key": ("key", lambda path: path.write_bytes(enciphered_key()), "not the key of the certificate"),
    "no authorities": ("authorities", Path.unlink, "No such file or directory: allowed: a certificate in PEM"),
    "authorities of nobody": ("authorities", lambda path: path.write_text(""), "not a certificate in PEM"),
}


@pytest.mark.parametrize(("which", "harm", "said"), HARMS.values(), ids=HARMS)
def test_what_is_wrong_is_one_line_with_the_file(files: TlsSettings, which: str, harm: Harm, said: str) -> None:
    path: str = getattr(files, which)
    harm(Path(path))
    with pytest.raises(ConfigError) as caught:
        open_identity(files, NOW)
    line = str(caught.value)
    assert line.startswith(f"{path}: {said}")
    assert "\n" not in line
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize(
    ("later", "said"),
    [(timedelta(days=DAYS), "expired ("), (timedelta(days=-1), "not valid yet (")],
)
def test_a_certificate_out_of_its_time_is_refused(files: TlsSettings, later: timedelta, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_identity(files, NOW + later)
    assert str(caught.value).startswith(f"{files.certificate}: {said}")
    assert str(caught.value).endswith("allowed: a certificate that is valid today")


def test_a_certificate_is_told_of_thirty_days_before_it_ends(files: TlsSettings) -> None:
    identities = {"switch": open_identity(files, NOW)}
    assert not expiring(identities, identities["switch"].ends - timedelta(days=30))
    assert expiring(identities, identities["switch"].ends - timedelta(days=29, hours=23)) == identities


def test_only_the_files_of_an_identity_that_is_used_are_opened(files: TlsSettings, tmp_path: Path) -> None:
    paths = {f"tls.switch.{name}": getattr(files, name) for name in ("certificate", "key", "authorities")}
    unused = {f"tls.spare.{name}": str(tmp_path / "gone") for name in ("certificate", "key", "authorities")}
    settings = load(demo_path(), {**paths, **unused})
    assert list(open_identities(settings, NOW)) == ["switch"]
    assert open_identities(load(demo_path(), without_tls(settings)), NOW) == {}


def test_an_identity_shows_no_key(files: TlsSettings) -> None:
    key = Path(files.key).read_text()
    shown = repr(open_identity(files, NOW)) + repr(open_identity(files, NOW).accepting())
    assert not any(line in shown for line in key.splitlines() if len(line) > 20)
