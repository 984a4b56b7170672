"""The tables of what keeps an installation's secrets: the security module, its keys, TLS.

Rule: as in `config.sections`.
"""

from typing import Annotated

from msgspec import Meta, Struct

from config.choices import KeyAlgorithm, KeyUse, ModuleKind
from config.values import Count, Host, KeyBits, PeerPort, PinFormat, Seconds, about


class SecuritySettings(Struct, frozen=True, kw_only=True):
    """Where keys work, where their key blocks are kept, and what is done about those who guess."""

    module: Annotated[ModuleKind, about("soft: in this process, for test only; payshield: a hardware module")] = (
        ModuleKind.SOFT
    )
    forbid_software: Annotated[bool, about("true: refuse to start with keys in software")] = False
    store: Annotated[
        str,
        about("the file of key blocks, written when a key changes; a relative path starts at this file's directory"),
    ] = "keys.json"
    master_key: Annotated[
        str | None,
        about(
            "the file of the master key, readable by its owner alone; relative as above; absent: the environment "
            "variable BARADA_MASTER_KEY"
        ),
    ] = None
    overlap_s: Annotated[Seconds, about("after a key change the old key is still accepted for this")] = 60
    mac_failures_max: Annotated[
        Count, about("wrong MACs on one connection; then a new key is agreed or it is closed")
    ] = 5
    wrong_pins_max: Annotated[
        Count,
        about(
            "wrong PINs of a card, or activation codes of a subscriber, at whatever terminals; then it is slowed down"
        ),
    ] = 6
    wrong_pins_pause_s: Annotated[
        Seconds,
        about("one wrong PIN is forgotten after this; whoever is slowed down may try once in this time, else 75"),
    ] = 600


class HsmSettings(Struct, frozen=True, kw_only=True):
    """A payShield that speaks its host protocol over TCP; only read with module = "payshield"."""

    host: Annotated[Host, about("the address to connect to")] = "127.0.0.1"
    port: Annotated[PeerPort, about("the port to connect to")] = 1500
    connections: Annotated[Annotated[int, Meta(ge=1, le=64)], about("connections kept open")] = 2
    timeout_s: Annotated[Seconds, about("a command unanswered for this long has failed")] = 3
    header_length: Annotated[
        Annotated[int, Meta(ge=4, le=32)], about("the characters of the message header, as set at the module's console")
    ] = 8


class KeySettings(Struct, frozen=True, kw_only=True):
    """What a key is for. The key itself is in the key store, as a key block that only the security module can open."""

    name: str = ""
    use: Annotated[KeyUse, about("the one thing that the key is for")]
    algorithm: Annotated[KeyAlgorithm, about("mac: retail or aes-cmac; pin, dukpt, kek: tdes or aes; storage: aes")]
    padding: Annotated[Annotated[int, Meta(ge=1, le=2)], about("ISO 9797-1 padding method, retail MAC only")] = 1
    pin_format: Annotated[
        PinFormat | None,
        about("the ISO 9564-1 format of PIN blocks under it: 0 or 3 with tdes, dukpt; absent: 0, aes 4"),
    ] = None
    bits: Annotated[KeyBits | None, about("its length when it is made here; absent: aes 256, others 128")] = None

    @property
    def block_format(self) -> int:
        """The ISO 9564-1 format of PIN blocks under this key."""
        if self.pin_format is not None:
            return self.pin_format
        return 4 if self.algorithm is KeyAlgorithm.AES and self.use is not KeyUse.DUKPT else 0

    @property
    def size(self) -> int:
        """Its length in bytes when it is made here."""
        return (self.bits or (256 if self.algorithm is KeyAlgorithm.AES else 128)) // 8


class TlsSettings(Struct, frozen=True, kw_only=True):
    """Who the switch is under TLS, and whom it believes. Both sides show a certificate, always."""

    name: str = ""
    certificate: Annotated[str, about("our certificate and what stands between it and its authority, PEM")]
    key: Annotated[str, about("its private key, PEM, not encrypted; only its owner may read the file")]
    authorities: Annotated[str, about("who may have signed the other side's certificate, PEM; nobody else is believed")]
