"""Quantities of resources, such as ``500m`` or ``2Gi``."""

import re
from collections.abc import Mapping
from fractions import Fraction

from ..store.resources import JsonObject

Amounts = Mapping[str, Fraction]
"""Amounts by the names of resources."""

_QUANTITY = re.compile(
    r"(?P<number>[+-]?\d+\.?\d*|[+-]?\.\d+)(?P<unit>[numkMGTPE]?|[KMGTPE]i|[eE][+-]?\d+)"
)
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {f"{letter}i": 2 ** (10 * power) for power, letter in enumerate("KMGTPE", 1)}


def parse_quantity(text: str | float) -> Fraction:
    """Return a quantity as a number; raise `ValueError` if it is none."""
    match = _QUANTITY.fullmatch(str(text))
    if match is None:
        raise ValueError(f"not a quantity: {text!r}")
    number = Fraction(match["number"])
    unit = match["unit"]
    if unit in _BINARY:
        factor: int = _BINARY[unit]
        return number * factor
    power = _DECIMAL[unit] if unit in _DECIMAL else int(unit[1:])
    scale: int = 10 ** abs(power)
    return number * scale if power >= 0 else number / scale


def pod_amounts(pod: JsonObject, group: str = "requests") -> dict[str, Fraction]:
    """Return what a pod requests, or its limits, by the names of resources."""
    spec = pod["spec"]
    total: dict[str, Fraction] = {}
    for container in spec["containers"]:
        for name, amount in _amounts(container, group).items():
            total[name] = total.get(name, Fraction(0)) + amount
    for container in spec.get("initContainers") or []:
        for name, amount in _amounts(container, group).items():
            total[name] = max(total.get(name, Fraction(0)), amount)
    return total


def _amounts(container: JsonObject, group: str) -> dict[str, Fraction]:
    held: Mapping[str, str] = (container.get("resources") or {}).get(group) or {}
    return {name: parse_quantity(text) for name, text in held.items()}


def format_quantity(amount: Fraction) -> str:
    """Return a number as a quantity, in thousandths where it is not whole."""
    if amount.denominator == 1:
        return str(amount.numerator)
    return f"{-(-amount * 1000 // 1)}m"
