"""Real processes that are hardened: what they leave behind when they crash, and what others see of them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.unit.config.hardening.child import HARDENED, NOBODY, cores_are_files, run

ROOT = Path(__file__).parents[4]
PACKAGES = ("switch", "ledger", "simulators", "config")
CRASHES = {"abort": "import os\nos.abort()", "segmentation fault": "import ctypes\nctypes.string_at(0)"}
AS_NOBODY = f"import os\nif os.geteuid() == 0: os.setuid({NOBODY})\n"
# All that is imported must be so before the process becomes nobody, who may not read where it stands.
DUMPABLE = "import ctypes\nlibc = ctypes.CDLL(None)\nlibc.prctl(4, 1, 0, 0, 0)\n"


@pytest.mark.parametrize("crash", CRASHES.values(), ids=CRASHES.keys())
def test_a_crash_leaves_no_core_file(crash: str, tmp_path: Path) -> None:
    if cores_are_files():
        plain = tmp_path / "plain"
        plain.mkdir()
        assert run(crash, plain).returncode < 0
        assert list(plain.iterdir()), "nothing is proved where a crash leaves nothing anyway"
    hardened = tmp_path / "hardened"
    hardened.mkdir()
    assert run(HARDENED + crash, hardened).returncode < 0
    assert list(hardened.iterdir()) == []


def test_a_crash_still_says_where() -> None:
    said = run(HARDENED + CRASHES["abort"], Path("/")).stderr
    assert 'File "<string>", line 4 in <module>' in said


def test_the_system_says_that_no_core_may_be_left(tmp_path: Path) -> None:
    said = run(HARDENED + "print(open('/proc/self/limits').read())", tmp_path).stdout
    (line,) = (line for line in said.splitlines() if line.startswith("Max core file size"))
    assert line.split()[4:6] == ["0", "0"]


def test_other_processes_of_the_same_user_may_not_look_into_it(tmp_path: Path) -> None:
    """What is not dumpable belongs to root in /proc, whoever runs it (proc(5))."""
    before = "from config.hardening.process import harden\n" + AS_NOBODY + DUMPABLE
    owners = "print(os.stat('/proc/self/mem').st_uid, os.stat('/proc/self/environ').st_uid)\n"
    said = run(before + owners + "harden()\n" + owners + "print(libc.prctl(3))", tmp_path)
    first, then, dumpable = said.stdout.splitlines()
    assert "0" not in first.split()
    assert then.split() == ["0", "0"]
    assert dumpable == "0"


def test_its_cpu_can_still_be_read_by_its_user(tmp_path: Path) -> None:
    reads = (
        "import os, time\nfrom config.hardening.process import harden\nfrom simulators.demo.children import cpu_us\n"
        + AS_NOBODY
        + "child = os.fork()\n"
        "if not child:\n    harden()\n    while True: pass\n"
        "until = time.monotonic() + 20\n"
        "while not cpu_us(child) and time.monotonic() < until: time.sleep(0.01)\n"
        "print(os.stat(f'/proc/{child}/mem').st_uid, cpu_us(child) > 0)\n"
        "os.kill(child, 9)\nos.waitpid(child, 0)"
    )
    assert run(reads, tmp_path).stdout == "0 True\n"


def test_what_it_writes_is_its_owners_alone(tmp_path: Path) -> None:
    run(HARDENED + "import os\nopen('file', 'w').close()\nos.mkdir('directory')", tmp_path)
    assert [path.stat().st_mode & 0o777 for path in sorted(tmp_path.iterdir())] == [0o700, 0o600]


def test_every_process_of_ours_is_hardened_before_it_does_anything() -> None:
    found = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if first_of(path)]
    assert len(found) >= 5
    assert [path for path in found if first_of(path) != "harden()"] == [ROOT / "switch/cli.py"]
    assert first_of(ROOT / "switch/cli.py") == "start()"


def first_of(path: Path) -> str | None:
    """What a module does first when it is run as a process; None if it isn't meant to be."""
    source = path.read_text(encoding="utf-8")
    for node in ast.parse(source).body if "__main__" in source else ():
        if isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'":
            return ast.unparse(node.body[0])
    return None
