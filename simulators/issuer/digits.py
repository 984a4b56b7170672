"""How an issuer's algorithms make decimal digits of hexadecimal ones.

Rule: two ways, and each algorithm names its own. Values in, values out.
"""

from string import digits


def digits_first(hexadecimal: str, wanted: int) -> str:
    """The decimal digits as they stand, then the letters with ten taken away (CVV and PVV)."""
    plain = "".join(letter for letter in hexadecimal if letter in digits)
    others = "".join(str(int(letter, 16) - 10) for letter in hexadecimal if letter not in digits)
    return (plain + others)[:wanted]


def by_table(hexadecimal: str, table: str) -> str:
    """Each hexadecimal digit as the one that stands at its place in a table of sixteen (IBM 3624)."""
    return "".join(table[int(letter, 16)] for letter in hexadecimal)
