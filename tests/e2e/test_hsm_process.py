"""`barada simulator hsm` as a process of its own: it says where it listens, answers, and ends when it is asked to."""

import json
import socket
import subprocess
import sys
from pathlib import Path

BARADA = Path(sys.executable).with_name("barada")
WITHIN_S = 20


def test_the_simulated_module_serves_until_it_is_told_to_stop() -> None:
    command = [str(BARADA), "simulator", "hsm", "--any-port", "--header-length", "4", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            port = json.loads(process.stdout.readline())["serving"]["hsm"]
            with socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S) as connection:
                connection.sendall(b"\x00\x06ABCDNC")
                answer = connection.makefile("rb").read(2 + 4 + 29)
        finally:
            process.terminate()
            code = process.wait(WITHIN_S)
    assert answer == b"\x00\x21ABCDND002686040000000000SIMU-0001"
    assert code == 0
