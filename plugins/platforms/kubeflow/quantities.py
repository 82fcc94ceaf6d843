"""Quantities of resources in Kubernetes' notation, such as ``500m``, ``1Gi`` or ``2e3``."""

import re
from decimal import ROUND_CEILING, Decimal

# The syntax of `resource.Quantity`, as the schemas of Kubernetes give it, and its suffixes.
_QUANTITY = re.compile(
    r"(?P<number>[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))"
    r"(?P<suffix>[KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?"
)
_LONGEST = 40
_LARGEST_EXPONENT = 18
_BINARY = {f"{letter}i": Decimal(1 << 10 * n) for n, letter in enumerate("KMGTPE", 1)}
_DECIMAL = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "": Decimal(1),
    **{letter: Decimal(1000) ** n for n, letter in enumerate("kMGTPE", 1)},
}
_SUFFIXES = {**_BINARY, **_DECIMAL}


def parse_quantity(text: str) -> Decimal | None:
    """Return the value of a quantity, or None if the text is none.

    Kubernetes also reads longer numbers and larger exponents, which mean no amount that exists.
    """
    found = _QUANTITY.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return None
    number, suffix = Decimal(found["number"]), found["suffix"] or ""
    if suffix in _SUFFIXES:
        return number * _SUFFIXES[suffix]
    exponent = int(suffix[1:])
    return number.scaleb(exponent) if abs(exponent) <= _LARGEST_EXPONENT else None


def cpu_quantity(cpus: float) -> str:
    """Write a number of CPUs, rounded up to thousandths, the smallest share that exists."""
    thousandths = int((Decimal(repr(cpus)) * 1000).to_integral_value(ROUND_CEILING))
    return f"{thousandths}m" if thousandths % 1000 else str(thousandths // 1000)


def memory_quantity(size: float) -> str:
    """Write a number of bytes, rounded up, with a suffix if it is a whole number of MiB or GiB."""
    whole = int(Decimal(repr(size)).to_integral_value(ROUND_CEILING))
    for suffix in ("Gi", "Mi"):
        if whole and whole % int(_BINARY[suffix]) == 0:
            return f"{whole // int(_BINARY[suffix])}{suffix}"
    return str(whole)
