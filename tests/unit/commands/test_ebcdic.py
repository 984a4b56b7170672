"""Tags of digits are digits in every alphabet: only a name is text for people."""

from __future__ import annotations

from switch.commands.question import _private
from switch.wire import tlv
from switch.wire.dialect import dialect_named


def test_a_number_in_field_48_leaves_an_ebcdic_endpoint_as_its_own_digits() -> None:
    dialect = dialect_named("iso87-ebcdic")
    fields = {"t": "0200", "48": _private({"01": "963900000001", "06": "ليلى"}, dialect)}
    again = dialect.decode(dialect.encode(fields))
    assert again.tag("01") == "963900000001"
    assert dialect.text_in(again.tag("06") or "") == "ليلى"
    assert "963900000001".encode("cp500") in dialect.encode(fields)
    assert tlv.parse(fields["48"])[0] == ("01", "963900000001")
