"""The checks of an object on its way into the store, in the order of a real server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..store.resources import JsonObject, Resource
from ..store.status_errors import (
    INVALID,
    NOT_SUPPORTED,
    REQUIRED,
    TOO_LONG,
    TOO_MANY,
    WRONG_TYPE,
    Cause,
    bad_request,
    invalid,
)
from .kinds import kind_causes
from .metadata import metadata_causes
from .models import Models
from .schemas import Schema

# After errors of these kinds a server evaluates no rules in CEL, and says so.
_BLOCKING = frozenset((NOT_SUPPORTED, REQUIRED, TOO_LONG, TOO_MANY, WRONG_TYPE))
_NOT_CHECKED = Cause(
    INVALID,
    "<nil>",
    "Invalid value: null: some validation rules were not checked because the object was invalid; "
    "correct the existing errors to complete validation",
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """An object as the server understood it."""

    value: JsonObject
    warnings: Sequence[str] = ()


class Rules:
    """Rules for objects of all kinds that are served."""

    def __init__(self, schemas: Mapping[Resource, Schema]) -> None:
        self._schemas = schemas
        self._models = Models()

    def decode(self, resource: Resource, value: JsonObject, field_validation: str) -> Decoded:
        """Drop the fields that the kind lacks, with warnings or an error as the client asks."""
        pruned, unknown = self._prune(resource, value)
        problems = [f'unknown field "{path}"' for path in unknown]
        if problems and field_validation == "Strict":
            kind, version = resource.kind, resource.version
            message = f'{kind} in version "{version}" cannot be handled as a {kind}'
            raise bad_request(f"{message}: strict decoding error: {', '.join(problems)}")
        schema = self._schemas.get(resource)
        defaulted = pruned if schema is None else schema.add_defaults(pruned)
        return Decoded(defaulted, problems if field_validation != "Ignore" else [])

    def check(
        self, resource: Resource, value: JsonObject, old: JsonObject | None, kind: str
    ) -> None:
        """Refuse an object that breaks a rule."""
        causes = metadata_causes(resource, value)
        if kind != resource.kind:
            message = f'Invalid value: "{kind}": must be {resource.kind}'
            causes.append(Cause(INVALID, "kind", message))
        elif resource in self._schemas:
            causes = self._with_schema(self._schemas[resource], value, old, causes)
        elif self._models.root(resource) is not None:
            causes += self._models.causes(resource, value)
            causes += kind_causes(resource, value, old)
        if causes:
            once = list({(cause.field, cause.message): cause for cause in causes}.values())
            raise invalid(resource.group, kind, value["metadata"].get("name", ""), once)

    def _prune(self, resource: Resource, value: JsonObject) -> tuple[JsonObject, list[str]]:
        if self._models.root(resource) is not None:
            return self._models.prune(resource, value)
        metadata, unknown = self._models.prune_metadata(resource, value["metadata"])
        schema = self._schemas.get(resource)
        if schema is None:
            return {**value, "metadata": metadata}, unknown
        pruned, more = schema.prune({**value, "metadata": metadata})
        return pruned, [*unknown, *more]

    def _with_schema(
        self, schema: Schema, value: JsonObject, old: JsonObject | None, causes: Sequence[Cause]
    ) -> list[Cause]:
        found = [*causes, *schema.causes(value)]
        if not schema.has_rules:
            return found
        if any(cause.reason in _BLOCKING for cause in found):
            return [*found, _NOT_CHECKED]
        return [*found, *schema.rule_causes(value, old)]
