"""JSON Schema of configuration files: of the root, and of the files in each config group.

The schema is generated from the option dataclasses that the compiler uses to check values,
including the dataclasses of all installed plugins.
"""

from collections.abc import Mapping

from sweepwright.contracts import Provider

from ...registry.options import Path
from ...registry.registry import KINDS, Registry
from ..settings import SECTIONS, Settings, TrialOptions, range_of
from .options import (
    DEFINITIONS,
    NULL,
    TEXT,
    Schema,
    chosen_by,
    described,
    flexible,
    having,
    options_schema,
)
from .space import space_definitions, space_schema

EXPERIMENT = "experiment"
GROUPS = (*SECTIONS, EXPERIMENT)
"""Config groups whose files have a schema."""


def config_schema(registry: Registry) -> Schema:
    """Describe ``config.yaml`` and the composed configuration.

    Without a defaults list, the schema requires all mandatory sections, since a composed
    configuration has no defaults list.
    """
    composed = {"not": {"required": ["defaults"]}}
    complete = {"required": [name for name in SECTIONS if name not in _OPTIONAL]}
    root = {**_root(registry), "if": composed, "then": complete}
    return _document(root, space_definitions())


def group_schema(group: str, registry: Registry) -> Schema:
    """Describe the files of a group. They may have a defaults list and may be incomplete."""
    if group == EXPERIMENT:
        return _document(_root(registry), space_definitions())
    section = _section(group, registry, in_file=True)
    file = {**section, "properties": {"defaults": _DEFAULTS, **section["properties"]}}
    if group == "trial":
        return _document(_or_root(file, registry), space_definitions())
    return _document(file, space_definitions() if group == "space" else {})


def _or_root(file: Schema, registry: Registry) -> Schema:
    """Also accept a file with ``# @package _global_``, which contains whole sections."""
    has_section = {"required": ["trial"], "properties": {"trial": {"type": "object"}}}
    return {"if": has_section, "then": _root(registry), "else": file}


_OPTIONAL = ("assessor",)
_MEANINGS: Mapping[str, str] = {
    "space": "The search space: parameters, and the domain of each.",
    "tuner": "The tuner, which chooses the assignments to try.",
    "assessor": "The assessor, which stops trials early; null for none.",
    "platform": "The platform that jobs run on.",
    "framework": "The framework, which turns a trial into a job.",
    "trial": "The code of a trial: an entry for each framework, and its arguments.",
}
_DEFAULTS: Schema = described(
    {"type": "array", "items": {"type": ["string", "object"]}},
    "Configs to merge, in order; `_self_` stands for this file.",
)
_HYDRA: Schema = described({"type": "object"}, "Settings of Hydra, which are rarely needed.")
_ARGUMENT: Schema = described(
    {"type": ["string", "number", "boolean", "null"]},
    "An argument of the trial's code, passed as `--key=value`; null leaves the argument out.",
)


def _document(schema: Schema, definitions: Schema) -> Schema:
    dialect = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": dialect, **schema, "$defs": {**DEFINITIONS, **definitions}}


def _root(registry: Registry) -> Schema:
    settings = options_schema(Settings, _bounds)
    sections = {name: _described_section(name, registry) for name in SECTIONS}
    keys = {"defaults": _root_defaults(registry), **sections, **settings["properties"]}
    return {**settings, "properties": {**keys, "hydra": _HYDRA}}


def _bounds(path: Path) -> Schema:
    allowed = range_of(path)
    if allowed is None:
        return {}
    return {"exclusiveMinimum" if allowed.exclusive else "minimum": allowed.minimum}


def _root_defaults(registry: Registry) -> Schema:
    """Describe the root's defaults list, and suggest the names that plugins offer.

    The schema accepts any other name as well, since it may be the name of a file.
    """
    choices = {kind: _any_name(_summaries(kind, registry)) for kind in KINDS}
    overriding = {f"override /{kind}": choice for kind, choice in choices.items()}
    entry = {"type": "object", "properties": {**choices, **overriding}, "maxProperties": 1}
    return {**_DEFAULTS, "items": {"anyOf": [TEXT, entry]}}


def _any_name(suggested: Mapping[str, str]) -> Schema:
    names = [described({"const": name}, summary) for name, summary in suggested.items()]
    return {"anyOf": [*names, {"type": ["string", "null", "array"]}]}


def _described_section(name: str, registry: Registry) -> Schema:
    absent = [NULL] if name in _OPTIONAL else []
    section = flexible(_section(name, registry, in_file=False), *absent)
    return described(section, _MEANINGS[name])


def _section(name: str, registry: Registry, *, in_file: bool) -> Schema:
    """Describe a section as part of the root, or as a file of its group."""
    match name:
        case "space":
            return space_schema()
        case "trial":
            return {**options_schema(TrialOptions), "additionalProperties": _ARGUMENT}
    keys = ("defaults", "name") if in_file else ("name",)
    summaries = _summaries(name, registry)
    variants = {chosen: _variant(registry.find(name, chosen), keys) for chosen in summaries}
    return chosen_by("name", variants, summaries, _named_or_inherited if in_file else None)


def _summaries(kind: str, registry: Registry) -> dict[str, str]:
    return {name: registry.find(kind, name).summary for name in registry.names(kind)}


def _variant(provider: Provider, keys: tuple[str, ...]) -> Schema:
    """Describe the options of a provider, and accept the keys that `chosen_by` describes."""
    schema = options_schema(provider.options)
    return {**schema, "properties": {**{key: {} for key in keys}, **schema["properties"]}}


def _named_or_inherited(name: str) -> Schema:
    """Accept files that name a provider or inherit its name from their defaults list."""
    inherited = {
        "properties": {"defaults": {"contains": {"const": name}}},
        "required": ["defaults"],
        "not": {"required": ["name"]},
    }
    return {"anyOf": [having("name", name), inherited]}
