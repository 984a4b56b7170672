"""A decoded message: the field's words for the numbers of data elements.

Rule: the values are exactly what the codec read (or will write), nothing is converted or copied; a property only
names a data element, and those that the wire pads with spaces are given without them. Its repr shows what `mask`
allows.
"""

from __future__ import annotations

from switch.wire import tlv
from switch.wire.mask import mask_fields


class Message:
    """The fields of one message, as pyiso8583 names them: "t" the MTI, "p" and "1" the bitmaps, "2" to "128"."""

    __slots__ = ("_tags", "fields")

    fields: dict[str, str]
    _tags: tlv.Pairs | None

    def __init__(self, fields: dict[str, str]) -> None:
        self.fields = fields
        self._tags = None

    @property
    def mti(self) -> str:
        return self.fields["t"]

    def get(self, de: str) -> str | None:
        return self.fields.get(de)

    def __getitem__(self, de: str) -> str:
        return self.fields[de]

    def __contains__(self, de: object) -> bool:
        return de in self.fields

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and self.fields == other.fields

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = " ".join(f"{de}={value!r}" for de, value in mask_fields(self.fields).items() if de != "t")
        return f"<Message {self.fields.get('t', '?')} {shown}>"

    @property
    def tags(self) -> tlv.Pairs:
        """The pairs of DE 48, read once; none if it is absent. Raises `TlvError`."""
        if self._tags is None:
            self._tags = tlv.parse(self.fields.get("48", ""))
        return self._tags

    def tag(self, tag: str) -> str | None:
        """The first value under a tag of DE 48. Raises `TlvError`."""
        return tlv.first(self.tags, tag)

    @property
    def pan(self) -> str | None:
        return self.fields.get("2")

    @property
    def processing_code(self) -> str | None:
        return self.fields.get("3")

    @property
    def amount(self) -> str | None:
        return self.fields.get("4")

    @property
    def transmitted_at(self) -> str | None:
        return self.fields.get("7")

    @property
    def stan(self) -> str | None:
        return self.fields.get("11")

    @property
    def local_time(self) -> str | None:
        return self.fields.get("12")

    @property
    def local_date(self) -> str | None:
        return self.fields.get("13")

    @property
    def expiry(self) -> str | None:
        return self.fields.get("14")

    @property
    def business_date(self) -> str | None:
        return self.fields.get("15")

    @property
    def acquirer(self) -> str | None:
        return self.fields.get("32")

    @property
    def forwarder(self) -> str | None:
        return self.fields.get("33")

    @property
    def track2(self) -> str | None:
        return self.fields.get("35")

    @property
    def reference(self) -> str | None:
        return self._stripped("37")

    @property
    def approval_code(self) -> str | None:
        return self.fields.get("38")

    @property
    def response_code(self) -> str | None:
        return self.fields.get("39")

    @property
    def terminal(self) -> str | None:
        return self._stripped("41")

    @property
    def merchant(self) -> str | None:
        return self._stripped("42")

    @property
    def private(self) -> str | None:
        return self.fields.get("48")

    @property
    def currency(self) -> str | None:
        return self.fields.get("49")

    @property
    def pin_block(self) -> str | None:
        """DE 52 in upper-case hex, whatever case it came in."""
        block = self.fields.get("52")
        return None if block is None else block.upper()

    @property
    def additional_amounts(self) -> str | None:
        return self.fields.get("54")

    @property
    def words(self) -> str | None:
        return self.fields.get("63")

    @property
    def network_code(self) -> str | None:
        return self.fields.get("70")

    @property
    def original_elements(self) -> str | None:
        return self.fields.get("90")

    @property
    def replacement_amounts(self) -> str | None:
        return self.fields.get("95")

    @property
    def payee(self) -> str | None:
        return self._stripped("98")

    @property
    def account_from(self) -> str | None:
        return self.fields.get("102")

    @property
    def account_to(self) -> str | None:
        return self.fields.get("103")

    def _stripped(self, de: str) -> str | None:
        value = self.fields.get(de)
        return None if value is None else value.strip(" ")


class Unproven(Message):
    """A message that could not be read to its end, or whose MAC is wrong: enough to answer it, not to believe it.

    Its repr shows which fields it claims and none of their values: one garbled bit in a bitmap puts the digits of a
    card into a field that may be shown.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        claimed = " ".join(de for de in self.fields if de not in ("t", "p", "1"))
        return f"<Unproven {self.fields.get('t', '?')} fields {claimed}>"
