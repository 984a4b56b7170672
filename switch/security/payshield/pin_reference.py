"""What an issuer keeps of a PIN to verify one, and the commands that a payShield verifies it by.

Rule: a reference is no PIN, but with its key it leads to one, so it is not shown. Nothing here sees a PIN.
"""

from dataclasses import dataclass

from switch.security.crypto.pin import PinFormat
from switch.security.payshield.commands import FORMAT_CODES, LONGEST_PIN, OFFSET_DIGITS
from switch.security.payshield.keys import KeyType, LmkKey
from switch.security.payshield.refusals import FINE, TDES_USED, WRONG


@dataclass(frozen=True, slots=True, repr=False)
class IbmReference:
    """IBM 3624: the PIN is the card's natural one and an offset. `pvk` is the PIN verification key under the LMK, the
    validation data twelve characters of which one is N: there the account number's last five digits go. The table is in
    clear or encrypted, as the module is set."""

    pvk: str
    offset: str
    validation_data: str
    decimalization_table: str
    check_length: int = 4

    fine = (FINE, WRONG, TDES_USED)

    def command(self, key: LmkKey, block: str, pin_format: PinFormat, account: str) -> bytes:
        code = "DA" if key.kind is KeyType.TPK else "EA"
        place = f"{block}{FORMAT_CODES[pin_format]}{self.check_length:02d}{account}"
        offset = self.offset.ljust(OFFSET_DIGITS, "F")
        tail = f"{self.decimalization_table}{self.validation_data}{offset}"
        return f"{code}{key.text}{self.pvk}{LONGEST_PIN}{place}{tail}".encode("ascii")


@dataclass(frozen=True, slots=True, repr=False)
class VisaReference:
    """Visa's PIN verification value, by the PIN verification key of this index. `pvk` as above."""

    pvk: str
    pvki: int
    pvv: str

    fine = (FINE, WRONG)

    def command(self, key: LmkKey, block: str, pin_format: PinFormat, account: str) -> bytes:
        code = "DC" if key.kind is KeyType.TPK else "EC"
        place = f"{block}{FORMAT_CODES[pin_format]}{account}"
        return f"{code}{key.text}{self.pvk}{place}{self.pvki}{self.pvv}".encode("ascii")


PinReference = IbmReference | VisaReference
