"""Clear text beyond loopback must be asked for in so many words, and nothing is said of TLS that has no effect."""

import pytest

from config.errors import ConfigError
from config.settings import demo_path, load, without_tls

PIN = "sha256/" + "A" * 43 + "="
PLAIN: dict[str, object] = {**without_tls(load(demo_path()))}
MOBILE, CORE = "listeners.mobile", "peers.core"


def refusal(overrides: dict[str, object]) -> str:
    with pytest.raises(ConfigError) as caught:
        load(demo_path(), overrides)
    return str(caught.value).removeprefix(f"{demo_path()}: ")


@pytest.mark.parametrize("endpoint", [MOBILE, CORE])
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.1.2.3", "127.0.0.1.example", "core.bank", "128.0.0.1", "127.1"])
def test_clear_text_is_for_loopback(endpoint: str, host: str) -> None:
    clear = {**PLAIN, f"{endpoint}.host": host}
    said = f"{endpoint}.tls: missing, and {host!r} is not loopback: allowed: the name of a [tls.NAME], or "
    assert refusal(clear) == f"{said}cleartext_off_loopback = true"
    load(demo_path(), {f"{endpoint}.host": host})  # it has TLS
    load(demo_path(), {**clear, f"{endpoint}.cleartext_off_loopback": True})


@pytest.mark.parametrize("host", ["127.0.0.1", "127.255.255.254", "::1", "localhost", "LOCALHOST"])
def test_loopback_may_be_in_clear(host: str) -> None:
    assert load(demo_path(), {**PLAIN, f"{MOBILE}.host": host}).listeners["mobile"].tls is None


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({f"{MOBILE}.tls": "swich"}, f"{MOBILE}.tls: 'swich': allowed: the name of a [tls.NAME]: switch; did you mean"),
        ({f"{CORE}.tls": "other"}, f"{CORE}.tls: 'other': allowed: the name of a [tls.NAME]: switch"),
        ({f"{MOBILE}.tls": None, f"{MOBILE}.pins": [PIN]}, f"{MOBILE}.pins: given without tls: allowed: with it"),
        ({f"{CORE}.tls": None}, f"{CORE}.tls_name: given without tls: allowed: with it"),
        ({f"{MOBILE}.pins": ["sha256/AAAA"]}, f"{MOBILE}.pins[0]: 'sha256/AAAA': allowed: sha256/ and a SHA-256 in"),
        ({f"{MOBILE}.pins": [PIN[7:]]}, f"{MOBILE}.pins[0]: (not shown): allowed: sha256/ and a SHA-256 in base64"),
        ({f"{CORE}.tls_name": ".bank"}, f"{CORE}.tls_name: '.bank': allowed: a host name or address"),
        ({f"{MOBILE}.handshake_s": 0}, f"{MOBILE}.handshake_s: 0: allowed: a number above 0"),
        ({"tls.switch.key": None}, "tls.switch.key: missing: allowed: a text"),
        ({"tls.new": {"certificate": "x", "key": "y", "authority": "z"}}, "tls.new.authority: unknown: allowed: cert"),
        ({"peers.power.tls_name": "core"}, "peers.power.tls_name: 'core': allowed: a tls_name that is not the core's"),
        (
            {f"{CORE}.tls_name": None, "peers.power.tls_name": None},
            "peers.power.host: '127.0.0.1': allowed: a tls_name that is not the core's",
        ),
    ],
)
def test_a_mistake_is_one_line(overrides: dict[str, object], said: str) -> None:
    assert refusal(overrides).startswith(said)


def test_none_takes_a_key_away_and_the_default_comes_back() -> None:
    settings = load(demo_path(), {f"{MOBILE}.tls": None, f"{CORE}.connections": None})
    assert (settings.listeners["mobile"].tls, settings.listeners["atm"].tls) == (None, "switch")
    assert settings.peers["core"].connections == 2


def test_without_tls_no_endpoint_has_it() -> None:
    settings = load(demo_path(), PLAIN)
    assert not any(listener.tls for listener in settings.listeners.values())
    assert not any(peer.tls or peer.tls_name for peer in settings.peers.values())


def test_paths_start_at_the_files_directory() -> None:
    tls = load(demo_path()).tls["switch"]
    assert tls.certificate == str(demo_path().parent.parent / "var" / "tls" / "switch.pem")
    assert load(demo_path(), {"tls.switch.key": "/etc/switch.key"}).tls["switch"].key == "/etc/switch.key"


def test_a_certificate_is_for_the_host_unless_another_name_is_given() -> None:
    named, unnamed = load(demo_path()), load(demo_path(), {f"{CORE}.tls_name": None})
    assert (named.peers["core"].certificate_name, unnamed.peers["core"].certificate_name) == ("core", "127.0.0.1")
