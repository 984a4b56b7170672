"""Text in fields whose size is counted in bytes.

Rule: a text is cut at a character, never inside one; what is too short for a fixed field is padded with spaces on
the right (ISO 8583:1987: an and ans fields are left justified).
"""

from __future__ import annotations


def cut(text: str, size: int, charset: str = "utf-8") -> str:
    """The longest beginning of the text that takes at most `size` bytes."""
    return text.encode(charset, "replace")[:size].decode(charset, "ignore")


def fill(text: str, size: int, charset: str = "utf-8") -> str:
    """The text cut or padded to exactly `size` bytes."""
    fitted = cut(text, size, charset)
    return fitted + " " * (size - len(fitted.encode(charset)))
