"""A library that is there for the chart is not taken up by every process that keeps or reads books."""

import subprocess
import sys

HELD = """
import sys
import ledger.process, ledger.verify, switch.running
assert "sqlite_utils" in sys.modules
assert "numpy" not in sys.modules
import numpy
"""


def test_switch_and_ledger_do_without_numpy_and_whoever_needs_it_still_gets_it() -> None:
    subprocess.run([sys.executable, "-c", HELD], check=True)
