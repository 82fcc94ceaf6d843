"""Resource quotas: refuse the pod or the job that would exceed one."""

from collections.abc import Iterable
from fractions import Fraction

from ..store.objects import ObjectStore
from ..store.resources import PODS, QUOTAS, JsonObject, Resource
from ..store.status_errors import StatusError, details_of
from .quantities import format_quantity, parse_quantity, pod_amounts

_ENDED = {"Succeeded", "Failed"}


class Quotas:
    """Checks what is created against the quotas of its namespace."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def review(
        self, operation: str, resource: Resource, namespace: str, found: JsonObject
    ) -> None:
        """Raise `StatusError` if creating an object would exceed a quota."""
        if operation != "CREATE":
            return
        for quota in self._store.list(QUOTAS, namespace):
            wanted = _amounts(resource, found)
            self._check(quota, resource, namespace, found, wanted)

    def _check(
        self,
        quota: JsonObject,
        resource: Resource,
        namespace: str,
        found: JsonObject,
        wanted: dict[str, Fraction],
    ) -> None:
        hard = {name: parse_quantity(text) for name, text in quota["spec"]["hard"].items()}
        limited = {name: amount for name, amount in wanted.items() if name in hard}
        if not limited:
            return
        used = _sum(
            _amounts(resource, each)
            for each in self._store.list(resource, namespace)
            if each.get("status", {}).get("phase") not in _ENDED
        )
        exceeded = [n for n, amount in limited.items() if used.get(n, 0) + amount > hard[n]]
        if exceeded:
            metadata = found["metadata"]
            name = metadata.get("name") or metadata.get("generateName", "")
            what = f"exceeded quota: {quota['metadata']['name']}, " + ", ".join(
                f"{word}: {_text(exceeded, amounts)}"
                for word, amounts in (("requested", limited), ("used", used), ("limited", hard))
            )
            message = f'{resource.qualified_plural} "{name}" is forbidden: {what}'
            raise StatusError(403, "Forbidden", message, details_of(resource, name))


def _amounts(resource: Resource, found: JsonObject) -> dict[str, Fraction]:
    """Return what an object counts in a quota, by the names that quotas use."""
    count = f"count/{resource.qualified_plural}"
    if resource != PODS:
        return {count: Fraction(1)}
    requests, limits = pod_amounts(found), pod_amounts(found, "limits")
    amounts = {count: Fraction(1), "pods": Fraction(1)}
    amounts |= {f"requests.{name}": amount for name, amount in requests.items()}
    amounts |= {f"limits.{name}": amount for name, amount in limits.items()}
    return amounts | {name: requests[name] for name in ("cpu", "memory") if name in requests}


def _sum(parts: Iterable[dict[str, Fraction]]) -> dict[str, Fraction]:
    total: dict[str, Fraction] = {}
    for part in parts:
        for name, amount in part.items():
            total[name] = total.get(name, Fraction(0)) + amount
    return total


def _text(names: list[str], amounts: dict[str, Fraction]) -> str:
    return ",".join(f"{name}={format_quantity(amounts.get(name, Fraction(0)))}" for name in names)
