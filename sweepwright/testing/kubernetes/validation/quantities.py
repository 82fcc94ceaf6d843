"""Quantities such as ``500m`` and ``4Gi``, as far as limits and requests are compared."""

import re
from fractions import Fraction

_FORM = re.compile(
    r"([+-]?(?:\d+\.?\d*|\.\d+))(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?\d+)?"
)
_FACTORS = {
    "": Fraction(1),
    "n": Fraction(1, 10**9),
    "u": Fraction(1, 10**6),
    "m": Fraction(1, 1000),
    **{unit: Fraction(1000) ** power for power, unit in enumerate("kMGTPE", 1)},
    **{f"{unit}i": Fraction(1024) ** power for power, unit in enumerate("KMGTPE", 1)},
}

QUANTITY_ADVICE = (
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)


def parse_quantity(text: str) -> Fraction | None:
    """Return the number that a quantity stands for, or None if it is none."""
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    number, unit = Fraction(match[1]), match[2] or ""
    if unit in _FACTORS:
        return number * _FACTORS[unit]
    return number * Fraction(10) ** int(unit[1:])
