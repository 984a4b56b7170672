"""A payShield, simulated: the published test LMK, and commands answered by real cryptography.

Rule: pure; one table says which commands there are. Any bytes get an answer: a command that is not in the table is
switched off (68).
"""

from collections.abc import Callable, Mapping

from simulators.payshield import clear_pin_commands, key_commands, mac_commands, pin_commands
from simulators.payshield.fields import Fields, Refused
from simulators.payshield.vault import Vault
from switch.security.payshield.answer import response_code

OFF, NOT_A_COMMAND = "68", b"ZZ15"

COMMANDS: Mapping[bytes, Callable[[Vault, Fields], str]] = {
    b"NC": key_commands.diagnose,
    b"A0": key_commands.generate_key,
    b"A6": key_commands.import_key,
    b"A8": key_commands.export_key,
    b"BU": key_commands.check_value,
    b"CA": pin_commands.translate_from_terminal,
    b"CC": pin_commands.translate_between_zones,
    b"G0": pin_commands.translate_derived,
    b"BA": clear_pin_commands.encrypt_pin,
    b"JG": clear_pin_commands.seal_for_zone,
    b"DA": pin_commands.verify_terminal_ibm,
    b"EA": pin_commands.verify_zone_ibm,
    b"DC": pin_commands.verify_terminal_visa,
    b"EC": pin_commands.verify_zone_visa,
    b"M6": mac_commands.generate_mac,
    b"M8": mac_commands.verify_mac,
}


class SimulatedPayShield:
    """`trouble` is the error code that every command gets, for tests; None: it works."""

    def __init__(self, draw: Callable[[int], bytes], trouble: str | None = None) -> None:
        self.trouble = trouble
        self._vault = Vault(draw)

    def answer(self, body: bytes) -> bytes:
        """The answer to a command, both without header."""
        code = body[:2]
        if len(code) < 2 or not code.isalnum():
            return NOT_A_COMMAND
        return response_code(code.decode("ascii")).encode("ascii") + self._said(code, body[2:]).encode("ascii")

    def _said(self, code: bytes, fields: bytes) -> str:
        command = COMMANDS.get(code)
        if self.trouble is not None or command is None:
            return self.trouble or OFF
        try:
            return command(self._vault, Fields(fields))
        except Refused as refused:
            return refused.code
