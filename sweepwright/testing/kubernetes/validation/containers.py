"""Rules for the resources that a container requests and is limited to."""

from collections.abc import Iterator

from ..store.resources import JsonObject
from ..store.status_errors import INVALID, REQUIRED, Cause
from .metadata import invalid_value, qualified_name_problem
from .quantities import QUANTITY_ADVICE, parse_quantity

_STANDARD = frozenset(("cpu", "memory", "ephemeral-storage"))


def resource_causes(resources: JsonObject, path: str) -> Iterator[Cause]:
    """Yield what is wrong with limits and requests."""
    limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
    for part, quantities in (("limits", limits), ("requests", requests)):
        for name, quantity in quantities.items():
            yield from _quantity_causes(name, quantity, f"{path}.{part}")
    for name, quantity in requests.items():
        yield from _against_limit(name, quantity, limits.get(name), f"{path}.requests")
    for name in limits:
        if is_extended(name) and name in requests and limits[name] != requests[name]:
            message = f"must be equal to {name} limit of {limits[name]}"
            yield from invalid_value(f"{path}.requests", requests[name], message)


def is_extended(name: str) -> bool:
    """Tell whether a resource is one that devices or administrators add, such as GPUs."""
    return "/" in name and not name.rpartition("/")[0].endswith("kubernetes.io")


def _quantity_causes(name: str, quantity: str, path: str) -> Iterator[Cause]:
    where = f"{path}[{name}]"
    if name not in _STANDARD and not name.startswith("hugepages-"):
        problem = qualified_name_problem(name)
        if problem is None and "/" not in name:
            problem = "must be a standard resource type or fully qualified"
        yield from invalid_value(where, name, problem)
    number = parse_quantity(str(quantity))
    if number is None:
        yield from invalid_value(where, quantity, QUANTITY_ADVICE)
    elif number < 0:
        yield from invalid_value(where, quantity, "must be greater than or equal to 0")
    elif is_extended(name) and number.denominator != 1:
        yield from invalid_value(where, quantity, "must be an integer")


def _against_limit(name: str, quantity: str, limit: str | None, path: str) -> Iterator[Cause]:
    if limit is None:
        if is_extended(name):
            message = "Required value: Limit must be set for non overcommitable resources"
            yield Cause(REQUIRED, path.replace(".requests", ".limits"), message)
        return
    wanted, most = parse_quantity(str(quantity)), parse_quantity(str(limit))
    if wanted is not None and most is not None and wanted > most:
        message = f"must be less than or equal to {name} limit of {limit}"
        yield Cause(INVALID, path, f'Invalid value: "{quantity}": {message}')
