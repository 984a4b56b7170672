import shutil
from pathlib import Path

from config.settings import demo_path
from tests.unit.commands.conftest import Barada


def test_a_file_that_is_fit_is_said_to_be_and_what_it_holds(barada: Barada) -> None:
    result = barada("config", "check", str(demo_path()))
    assert result.exit_code == 0
    assert "fit to run: 5 listeners, 6 peers, 7 billers, 1 route, 2 limits, 24 keys" in result.stdout
    assert "FOR TEST ONLY" in result.stderr


def test_certificates_that_are_not_on_this_machine_are_told_of(barada: Barada, tmp_path: Path) -> None:
    file = tmp_path / "config" / "switch.toml"
    file.parent.mkdir()
    shutil.copy(demo_path(), file)
    for made in (False, True):
        result = barada("config", "check", str(file))
        assert result.exit_code == 0
        missing = f"not here yet: {tmp_path / 'var' / 'tls' / 'switch.pem'}: No such file or directory: allowed: "
        assert (missing in result.stderr) is not made
        barada("certs", "demo", "--config", str(file))


def test_a_register_that_can_not_be_used_is_told_of(barada: Barada, tmp_path: Path) -> None:
    file = tmp_path / "switch.toml"
    shutil.copy(demo_path(), file)
    result = barada("config", "check", str(file))
    assert result.exit_code == 0
    assert f"the register of the ATMs can't be used: {tmp_path / 'atms.toml'}: No such file" in result.stderr


def test_a_fault_is_one_line_and_exits_2(barada: Barada, tmp_path: Path) -> None:
    text = demo_path().read_text(encoding="utf-8")
    file = tmp_path / "wrong.toml"
    for old, new, line in (
        ("port = 8583", "port = 85830", "listeners.mobile.port: 85830: allowed"),
        ('service = "withdrawal"', 'service = "withdrawl"', "limits[1].service: 'withdrawl'"),
    ):
        file.write_text(text.replace(old, new), encoding="utf-8")
        result = barada("config", "check", str(file))
        assert result.exit_code == 2
        assert result.stderr.startswith(f"Error: {file}: {line}")
        assert len(result.stderr.splitlines()) == 1
