"""Each family of known answers with the code of ours that has to give them.

Rule: a line of `FAMILIES` names what is tested and does nothing else; what a vector's inputs mean stands here once.
"""

from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from simulators.issuer.cvv import cvv
from simulators.issuer.ibm3624 import natural_pin, offset
from simulators.issuer.pvv import pvv
from simulators.lmk import Scheme, from_lmk
from switch.security.crypto import pin_block, tdes
from switch.security.crypto.clear_key import ClearKey
from switch.security.crypto.dukpt_aes import AesDukpt, DukptKeyType, DukptUse, update_key
from switch.security.crypto.dukpt_tdes import TdesDukpt
from switch.security.crypto.kcv import aes_kcv, tdes_kcv
from switch.security.crypto.ksn import Ksn
from switch.security.crypto.mac import RetailMac, cbc_mac, cmac
from switch.security.crypto.pin import AesPinCipher, PinCipher, PinFormat, PinZone, open_pin, seal_pin, translate
from switch.security.keys.keyblock import unwrap
from tests.vectors import Inputs

MAC_OF_A_TERMINAL = 4
DUKPT_USES = {
    "PIN": DukptUse.PIN,
    "MACGEN": DukptUse.MAC_GENERATION,
    "MACVER": DukptUse.MAC_VERIFICATION,
    "MAC": DukptUse.MAC_BOTH_WAYS,
    "DATAENC": DukptUse.DATA_ENCRYPTION,
    "DATADEC": DukptUse.DATA_DECRYPTION,
    "DATA": DukptUse.DATA_BOTH_WAYS,
    "KEK": DukptUse.KEY_ENCRYPTION,
}
DUKPT_KEY_TYPES = {
    "2TDEA": DukptKeyType.TDES_2,
    "3TDEA": DukptKeyType.TDES_3,
    "AES128": DukptKeyType.AES_128,
    "AES192": DukptKeyType.AES_192,
    "AES256": DukptKeyType.AES_256,
}


def raw(inputs: Inputs, name: str) -> bytes:
    return bytes.fromhex(inputs[name])


def tdes_dukpt(inputs: Inputs) -> tuple[TdesDukpt, Ksn]:
    return TdesDukpt(raw(inputs, "bdk")), Ksn.parse(inputs["ksn"])


def aes_dukpt(inputs: Inputs) -> tuple[AesDukpt, Ksn]:
    return AesDukpt(raw(inputs, "bdk")), Ksn.parse(inputs["ksn"])


def dukpt_mac(key: bytes, inputs: Inputs) -> bytes:
    return RetailMac(key).compute(raw(inputs, "data"))[:MAC_OF_A_TERMINAL]


def dukpt_tdes_mac_request(inputs: Inputs) -> bytes:
    dukpt, ksn = tdes_dukpt(inputs)
    return dukpt_mac(dukpt.mac_request_key(ksn), inputs)


def dukpt_tdes_mac_response(inputs: Inputs) -> bytes:
    dukpt, ksn = tdes_dukpt(inputs)
    return dukpt_mac(dukpt.mac_response_key(ksn), inputs)


def dukpt_tdes_data_request(inputs: Inputs) -> bytes:
    dukpt, ksn = tdes_dukpt(inputs)
    data = raw(inputs, "data")
    cipher = Cipher(tdes.algorithm(dukpt.data_request_key(ksn)), modes.CBC(raw(inputs, "iv")))
    return cipher.encryptor().update(data + bytes(-len(data) % tdes.BLOCK))


def dukpt_tdes_pin(inputs: Inputs) -> str:
    dukpt, ksn = tdes_dukpt(inputs)
    return seal_pin(inputs["pin"], inputs["pan"], PinCipher(dukpt.pin_key(ksn)))


def dukpt_tdes_initial_key(inputs: Inputs) -> bytes:
    dukpt, ksn = tdes_dukpt(inputs)
    return dukpt.initial_key(ksn.device)


def dukpt_tdes_key(inputs: Inputs) -> bytes:
    dukpt, ksn = tdes_dukpt(inputs)
    return dukpt.transaction_key(ksn)


def dukpt_aes_key(inputs: Inputs) -> bytes:
    dukpt, ksn = aes_dukpt(inputs)
    return dukpt.transaction_key(ksn)


def dukpt_aes_working_key(inputs: Inputs) -> bytes:
    dukpt, ksn = aes_dukpt(inputs)
    return dukpt.working_key(ksn, DUKPT_USES[inputs["usage"]], DUKPT_KEY_TYPES[inputs["key_type"]])


def dukpt_aes_update_key(inputs: Inputs) -> bytes:
    return update_key(raw(inputs, "ik"), inputs["ikid"], DUKPT_KEY_TYPES[inputs["key_type"]])


def dukpt_aes_pin(inputs: Inputs) -> str:
    dukpt, ksn = aes_dukpt(inputs)
    key = dukpt.working_key(ksn, DukptUse.PIN, DUKPT_KEY_TYPES[inputs["key_type"]])
    return AesPinCipher(key).encipher(raw(inputs, "pin_field"), inputs["pan"])


def retail_mac(inputs: Inputs) -> bytes:
    mac, data = RetailMac(raw(inputs, "key"), inputs["padding"]), raw(inputs, "data")
    answer = mac.compute(data)
    assert mac.compute(data) == answer, "the running cipher leaves nothing behind"
    assert mac.verify(data, answer)
    return answer


def zone(key: bytes, pin_format: int) -> PinZone:
    return AesPinCipher(key) if pin_format == PinFormat.ISO_4 else PinCipher(key, PinFormat(pin_format))


def source_key(inputs: Inputs) -> bytes:
    """A zone's key as it is, or a terminal's, of one transaction."""
    if inputs.get("src") == "dukpt_tdes":
        dukpt, ksn = tdes_dukpt(inputs)
        return dukpt.pin_key(ksn)
    return raw(inputs, "src_key")


def pin_translate(inputs: Inputs) -> str:
    source = zone(source_key(inputs), inputs["src_format"])
    target = zone(raw(inputs, "dst_key"), inputs["dst_format"])
    return translate(inputs["block"], inputs.get("pan"), source, target)


FAMILIES: Mapping[str, Callable[[Inputs], str | bytes]] = {
    "cbc_mac_iso9797_alg1_des": lambda i: cbc_mac(raw(i, "key"), raw(i, "data"), i["padding"]),
    "cmac_aes": lambda i: cmac(AES(raw(i, "key")), raw(i, "data")),
    "cmac_tdes": lambda i: cmac(tdes.algorithm(raw(i, "key")), raw(i, "data")),
    "cvv": lambda i: cvv(raw(i, "cvk"), i["pan"], i["expiry"], i["service_code"]),
    "dukpt_aes_ik": lambda i: AesDukpt(raw(i, "bdk")).initial_key(i["ikid"]),
    "dukpt_aes_pin_encrypt_iso4": dukpt_aes_pin,
    "dukpt_aes_txn_key": dukpt_aes_key,
    "dukpt_aes_update_key": dukpt_aes_update_key,
    "dukpt_aes_working_key": dukpt_aes_working_key,
    "dukpt_tdes_data_request_cbc": dukpt_tdes_data_request,
    "dukpt_tdes_ipek": dukpt_tdes_initial_key,
    "dukpt_tdes_key": dukpt_tdes_key,
    "dukpt_tdes_mac_request": dukpt_tdes_mac_request,
    "dukpt_tdes_mac_response": dukpt_tdes_mac_response,
    "dukpt_tdes_pin_encrypt_iso0": dukpt_tdes_pin,
    "ibm3624_natural_pin": lambda i: natural_pin(
        raw(i, "pvk"), i["validation_data"], i["decimalization_table"], i["pin_length"]
    ),
    "ibm3624_offset": lambda i: offset(raw(i, "pvk"), i["validation_data"], i["decimalization_table"], i["pin"]),
    "kcv_aes_cmac": lambda i: aes_kcv(raw(i, "key"), i["length"]),
    "kcv_tdes": lambda i: tdes_kcv(raw(i, "key"), i["length"]),
    "pin_decrypt_iso0_tdes": lambda i: open_pin(i["block"], i["pan"], PinCipher(raw(i, "key"))),
    "pin_decrypt_iso1_tdes": lambda i: open_pin(i["block"], None, PinCipher(raw(i, "key"))),
    "pin_encrypt_iso0_tdes": lambda i: seal_pin(i["pin"], i["pan"], PinCipher(raw(i, "key"))),
    "pin_translate": pin_translate,
    "pinblock_iso0_decode": lambda i: pin_block.parse_format_0(raw(i, "block"), i["pan"]),
    "pinblock_iso0_encode": lambda i: pin_block.build_format_0(i["pin"], i["pan"]),
    "pinblock_iso1_decode": lambda i: pin_block.parse_format_1(raw(i, "block")),
    "pinblock_iso1_encode": lambda i: pin_block.build_format_1(i["pin"], i["fill_digits"]),
    "pinblock_iso2_decode": lambda i: pin_block.parse_format_2(raw(i, "block")),
    "pinblock_iso2_encode": lambda i: pin_block.build_format_2(i["pin"]),
    "pinblock_iso3_decode": lambda i: pin_block.parse_format_3(raw(i, "block"), i["pan"]),
    "pinblock_iso4_decipher": lambda i: open_pin(i["block"], i["pan"], AesPinCipher(raw(i, "key"))),
    "pinblock_iso4_encipher": lambda i: AesPinCipher(raw(i, "key")).encipher(raw(i, "pin_field"), i["pan"]),
    "pinblock_iso4_panfield": lambda i: pin_block.pan_field_4(i["pan"]).to_bytes(pin_block.FIELD_4),
    "retail_mac_iso9797_alg3_des": retail_mac,
    "thales_variant_lmk_decrypt": lambda i: from_lmk(
        i["lmk_pair"], i["variant"], Scheme[i["scheme"]], raw(i, "key_under_lmk")
    ),
    "tr31_unwrap": lambda i: unwrap(ClearKey(raw(i, "kbpk")), i["key_block"])[1].raw,
    "visa_pvv": lambda i: pvv(raw(i, "pvk"), i["pan"], i["pvki"], i["pin"]),
}


def answer(algorithm: str, inputs: Inputs) -> str:
    """What our code gives, written as the vectors write it. An algorithm that is not known is a KeyError."""
    given = FAMILIES[algorithm](inputs)
    return given if isinstance(given, str) else given.hex().upper()
