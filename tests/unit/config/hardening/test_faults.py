"""Whatever tells of an exception tells its class and its places, and never a secret in its words or beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.config.hardening.child import HARDENED, run

SECRET = "4000001234567899"
FAILS = f"def fail(pan):\n    raise ValueError(f'no card {{pan}}')\npan = '{SECRET}'\n"
WAYS = {
    "nobody catches it": "fail(pan)",
    "it came from another": "try:\n    fail(pan)\nexcept ValueError as error:\n    raise KeyError(pan) from error",
    "in a group": "try:\n    fail(pan)\nexcept ValueError as error:\n    raise ExceptionGroup(pan, [error])",
    "in a thread": "import threading\nt = threading.Thread(target=fail, args=(pan,), name=pan)\nt.start(); t.join()",
    "in a finaliser": "class Card:\n    __repr__ = lambda self: pan\n    def __del__(self): fail(pan)\nCard()",
    "at the exit": "import atexit\natexit.register(fail, pan)",
    "in a log": (
        "import logging\nlog = logging.getLogger(__name__)\n"
        "try:\n    fail(pan)\nexcept ValueError:\n    log.exception('of %s', pan)"
    ),
    "out of Trio": "import trio\nasync def main(): fail(pan)\ntrio.run(main)",
    "of a forgotten generator": (
        "import trio\n"
        "async def leak():\n    try:\n        yield\n    finally:\n        fail(pan)\n"
        "async def main():\n    agen = leak()\n    await anext(agen)\n    del agen\n    import gc; gc.collect()\n"
        "    await trio.sleep(0.01)\n"
        "trio.run(main)"
    ),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_an_exception_shows_its_class_and_place_and_neither_its_words_nor_its_values(way: str, tmp_path: Path) -> None:
    done = run(HARDENED + FAILS + way, tmp_path)
    assert "ValueError" in done.stderr
    assert "__main__:4 in fail" in done.stderr
    assert SECRET not in done.stderr + done.stdout


def test_without_it_the_words_would_be_shown(tmp_path: Path) -> None:
    assert SECRET in run(FAILS + WAYS["nobody catches it"], tmp_path).stderr


def test_a_warning_shows_its_class_and_place(tmp_path: Path) -> None:
    done = run(HARDENED + f"import warnings\nwarnings.warn('card {SECRET}')", tmp_path)
    assert done.stderr == "UserWarning at <string>:4\n"


def test_an_interrupt_says_nothing(tmp_path: Path) -> None:
    done = run(HARDENED + "raise KeyboardInterrupt", tmp_path)
    assert (done.stderr, done.stdout) == ("", "")


def test_who_has_no_standard_error_is_hardened_too(tmp_path: Path) -> None:
    silent = "import sys\nsys.stderr = None\n" + HARDENED + FAILS + "fail(pan)"
    done = run(silent, tmp_path)
    assert (done.returncode, done.stderr, done.stdout) == (1, "", "")
