"""MACs, PIN blocks and codes, and what of a message is secret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from config.choices import KeyAlgorithm, KeyUse
from config.key_checks import ALGORITHMS
from config.security_sections import KeySettings
from switch.flow.questions import KSN_TAG, SECRET, SECRET_TAGS
from switch.reference.defaults import default_of
from switch.reference.markdown import Lines, bold, bullets, heading, listed, prose
from switch.security.crypto.ksn import AES_DIGITS, TDES_DIGITS
from switch.wire.codes import WITHOUT_MAC
from switch.wire.envelope import MAC_SIZE

CARD_NUMBER = ("2", "35", "45", "55")

ALGORITHM_WORDS: Mapping[KeyAlgorithm, str] = {
    KeyAlgorithm.RETAIL: "ISO 9797-1 algorithm 3 with DES (X9.19), double-length key; padding 1 (zeros) or 2 (`80`, "
    f"then zeros), {default_of(KeySettings, 'padding')} by default",
    KeyAlgorithm.AES_CMAC: f"AES-CMAC (RFC 4493), its first {MAC_SIZE} bytes",
    KeyAlgorithm.TDES: "TDES, key of two or three parts; blocks of ISO 9564-1 format 0, or format 3 where `pin_format` "
    "says so",
    KeyAlgorithm.AES: "AES; blocks of format 4",
}


def mac_section() -> Lines:
    yield from heading(2, "MAC")
    yield from prose("A key of `use` = `mac` has one of these algorithms:")
    yield from bullets(_algorithms(KeyUse.MAC))
    yield from prose(f"""
        The MAC has {MAC_SIZE} bytes. It is the last field: `64`, or `128` once any field above 64 is there. Covered
        is what is sent from the first byte of the MTI to the last one before the MAC, the bitmap with the bit of
        the MAC set; not the length, a TPDU or a header. A `64` in a message that has fields above 64 is no MAC.

        With a MAC key at the endpoint every message has one, both ways. Without go `0800` and `0810` (but for
        `mac_network`) and the answers {", ".join(map(bold, sorted(WITHOUT_MAC)))}. Wrong or missing is **63**.
    """)


def pin_section() -> Lines:
    yield from heading(2, "PINs and codes")
    yield from prose("A key of `use` = `pin`, or the base key that terminals' keys are derived from, `use` = `dukpt`:")
    yield from bullets(_algorithms(KeyUse.PIN))
    yield from prose(f"""
        - The PIN in `52`, and the new one in tag 12, come as blocks of the format agreed, made with the card number
          in `2` and enciphered with the PIN key of the endpoint. A card's message without such a block is not served.
        - Tag 07, the activation code, is a block of format 1 (there is no card) under the same key.
        - Where the endpoint's key is a base key (DUKPT), tag {KSN_TAG} has the key serial number: {_ksn_words()}. Its
          counter only grows; an older one, or the same one in another request, is **63**. Both blocks of a PIN change
          are under the same number.
        - A block that is not what it should be is **63**, and counts as no try. The switch puts a good one under
          the core's key and keeps nothing of it; whether the PIN is right (**55**, **75**) the core says.
        - Secret, and in no log, answer or database: {listed(SECRET)} and tags {", ".join(sorted(SECRET_TAGS))}. Of
          these only `2` is kept: masked, and enciphered while a reversal to the core may have to name it. The same
          number in another field of the message than {listed(CARD_NUMBER)} is **30** with the place, because there
          it would be kept as it is.

        Keys are in the key store, as key blocks under a master key (`[security]`), never in the configuration. In
        software they are for test only; live PINs need a hardware module. How they change on the line: [new
        keys](#new-keys).
    """)


def _ksn_words() -> str:
    return f"{TDES_DIGITS} hexadecimal digits under TDES (X9.24-1), {AES_DIGITS} under AES (X9.24-3)"


def _algorithms(use: KeyUse) -> Iterator[str]:
    return (f"`{algorithm}`: {ALGORITHM_WORDS[algorithm]}." for algorithm in ALGORITHMS[use])
