"""DUKPT with TDES: the keys of one transaction of one terminal, from the base key and its serial number.

Rule: X9.24-1:2009 Annex A, the host's side. The keys of a transaction are made when they are asked for and not
kept; kept, in a bounded number, are the keys half-way, which the host could make at any time anyway.
"""

from functools import lru_cache

from switch.security.crypto import tdes
from switch.security.crypto.ksn import TDES_DIGITS, Ksn
from switch.security.port import SecurityError

KEPT_MAX = 4096
HALF = 8

_OTHER_HALF = bytes.fromhex("C0C0C0C000000000" * 2)
_PIN = bytes.fromhex("00000000000000FF" * 2)
_MAC_REQUEST = bytes.fromhex("000000000000FF00" * 2)
_MAC_RESPONSE = bytes.fromhex("00000000FF000000" * 2)
_DATA_REQUEST = bytes.fromhex("0000000000FF0000" * 2)


class TdesDukpt:
    """A base derivation key of two parts at work. Raises SecurityError for a serial number that is not TDES's."""

    __slots__ = ("_bdk", "_register")

    def __init__(self, bdk: bytes) -> None:
        if len(bdk) != 2 * HALF:
            raise ValueError("a base derivation key for TDES has 16 bytes")
        self._bdk = bdk
        self._register = lru_cache(KEPT_MAX)(self._derived)

    def initial_key(self, device: str) -> bytes:
        """What is loaded into a device: the same for all its serial numbers."""
        if len(device) != TDES_DIGITS:
            raise SecurityError("not a device with TDES keys")
        register = bytes.fromhex(device)[:HALF]
        return tdes.encrypt(self._bdk, register) + tdes.encrypt(tdes.xor(self._bdk, _OTHER_HALF), register)

    def transaction_key(self, ksn: Ksn) -> bytes:
        """The key that the others of the transaction are variants of."""
        if not ksn.counter:
            raise SecurityError("a key serial number whose counter no transaction has")
        return one_way(self._register(ksn.device, before(ksn.counter)), register_of(ksn.device, ksn.counter))

    def pin_key(self, ksn: Ksn) -> bytes:
        return tdes.xor(self.transaction_key(ksn), _PIN)

    def mac_request_key(self, ksn: Ksn) -> bytes:
        """For what the device sends."""
        return tdes.xor(self.transaction_key(ksn), _MAC_REQUEST)

    def mac_response_key(self, ksn: Ksn) -> bytes:
        """For what it is answered."""
        return tdes.xor(self.transaction_key(ksn), _MAC_RESPONSE)

    def data_request_key(self, ksn: Ksn) -> bytes:
        """For data that the device sends: a variant enciphered under itself (X9.24-1:2009 A.4.1)."""
        variant = tdes.xor(self.transaction_key(ksn), _DATA_REQUEST)
        return tdes.encrypt(variant, variant)

    def _derived(self, device: str, counter: int) -> bytes:
        """The key half-way: over all of a counter's ones but the lower ones."""
        if not counter:
            return self.initial_key(device)
        return one_way(self._register(device, before(counter)), register_of(device, counter))


def before(counter: int) -> int:
    """The counter without its lowest one: what its key is derived from."""
    return counter & (counter - 1)


def register_of(device: str, counter: int) -> bytes:
    """The eight bytes that a key is derived over."""
    return (int(device, 16) | counter).to_bytes(10)[-HALF:]


def one_way(key: bytes, register: bytes) -> bytes:
    """The non-reversible key generation process (X9.24-1:2009 A.2)."""
    return _half(tdes.xor(key, _OTHER_HALF), register) + _half(key, register)


def _half(key: bytes, register: bytes) -> bytes:
    left, right = key[:HALF], key[HALF:]
    return tdes.xor(tdes.encrypt(left, tdes.xor(register, right)), right)
