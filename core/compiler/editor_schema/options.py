"""JSON Schema of option dataclasses: the names, types, defaults and descriptions of options.

The schema accepts every mapping that `check_options` accepts, and an interpolation in place of any
value. The descriptions are the docstrings under the fields of the dataclass. `attribute_docs`
reads them from the source code of the dataclass.
"""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from inspect import getsource
from itertools import pairwise
from textwrap import dedent
from types import NoneType
from typing import Any, TypeAlias, get_args, get_origin, get_type_hints

from ...registry.option_types import choices_of, item_hints, option_entries, shape_of, value_hint
from ...registry.options import ABSENT, Path, option_defaults

Schema: TypeAlias = dict[str, Any]
Bounds: TypeAlias = Callable[[Path], Schema]
"""Function that returns JSON Schema keywords, such as ``minimum``, for the number at a path."""

DEFINITIONS: Schema = {"interpolation": {"type": "string", "pattern": r"\$\{|^\?\?\?$"}}
"""Schemas that other schemas refer to by their name under ``$defs``.

An interpolation is a text such as ``${other.key}``. The text ``???`` also counts as one; it stands
for a value that the user must still give.
"""
TEXT: Schema = {"type": "string"}
NULL: Schema = {"type": "null"}


def options_schema(options: type[Any], bounds: Bounds = lambda _: {}, path: Path = ()) -> Schema:
    """Describe a mapping of options.

    `path` leads from the outermost mapping to this one. `bounds` is called with paths that start
    at the outermost mapping.
    """
    hints, defaults = get_type_hints(options), option_defaults(options)
    docs = attribute_docs(options)
    entries = option_entries(options)
    properties = {
        entry.name: described(
            _schema(hints[entry.name], bounds, (*path, entry.name)),
            docs.get(entry.name) or _description(hints[entry.name]),
            defaults[entry.name],
        )
        for entry in entries
    }
    return closed(properties, _required(entries, path))


def flexible(*schemas: Schema) -> Schema:
    """Accept any of several schemas, or an interpolation.

    The interpolation is not listed if one of the schemas accepts all text.
    """
    nested = [schema["anyOf"] if [*schema] == ["anyOf"] else [schema] for schema in schemas]
    alternatives = [one for several in nested for one in several if one != _INTERPOLATION]
    if {} in alternatives:
        return {}
    if not any(map(_is_text, alternatives)):
        alternatives.append(_INTERPOLATION)
    return alternatives[0] if len(alternatives) == 1 else {"anyOf": alternatives}


def chosen_by(
    key: str,
    variants: Mapping[str, Schema],
    meanings: Mapping[str, str],
    chosen: Callable[[str], Schema] | None = None,
) -> Schema:
    """Describe a mapping in which the value of one key determines the schema of the other keys.

    Parameters
    ----------
    key
        The key whose value chooses a variant.
    variants
        A schema for each value of the key.
    meanings
        A description for each value of the key.
    chosen
        Function that returns, for the name of a variant, a schema of the mappings that choose this
        variant. By default, these are the mappings in which the key has the variant's name.
    """
    names = [described({"const": name}, meanings.get(name)) for name in variants]
    admit = chosen or (lambda name: having(key, name))
    rules = [{"if": admit(name), "then": variant} for name, variant in variants.items()]
    section = {"type": "object", "properties": {key: flexible(*names)}}
    return {**section, "allOf": rules} if rules else section


def having(key: str, value: Any) -> Schema:
    """Accept the mappings in which a key has this value."""
    return {"properties": {key: {"const": value}}, "required": [key]}


def closed(properties: Schema, required: Sequence[str] = ()) -> Schema:
    """Describe a mapping that has these keys and no others."""
    requirement = {"required": list(required)} if required else {}
    return {
        "type": "object",
        "properties": properties,
        **requirement,
        "additionalProperties": False,
    }


def described(schema: Schema, text: str | None, default: Any = ABSENT) -> Schema:
    """Add the description and the default of a value."""
    description = {"description": text} if text else {}
    return {**description, **schema, **({} if default == ABSENT else {"default": default})}


def _is_text(schema: Schema) -> bool:
    """Tell whether a schema accepts any text. Such a schema also accepts interpolations."""
    return schema.get("type") == "string" and not {"const", "enum", "pattern"} & {*schema}


_INTERPOLATION: Schema = {"$ref": "#/$defs/interpolation"}
_SCALARS: dict[Any, Schema] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: TEXT,
    NoneType: NULL,
    None: NULL,
}


def _description(hint: Any) -> str:
    """Describe nested options by the docstring of their class."""
    options = (inner for inner in (hint, *get_args(hint)) if shape_of(inner) == "options")
    return next(map(class_doc, options), "")


def _required(entries: list[Field[Any]], path: Path) -> list[str]:
    """List the options that a mapping must contain."""
    # Files are merged, so a file may contain any part of a mapping. Lists are not merged, so each
    # mapping inside a list must be complete.
    if not any(isinstance(key, int) for key in path):
        return []
    return [
        entry.name
        for entry in entries
        if entry.default is MISSING and entry.default_factory is MISSING
    ]


def _schema(hint: Any, bounds: Bounds, path: Path) -> Schema:
    if shape_of(hint) == "union":
        return flexible(*(_schema(inner, bounds, path) for inner in get_args(hint)))
    return flexible(_plain(hint, bounds, path))


def _plain(hint: Any, bounds: Bounds, path: Path) -> Schema:
    match shape_of(hint):
        case "scalar":
            return {**_SCALARS[hint], **(bounds(path) if hint in (int, float) else {})}
        case "choice":
            return {"enum": choices_of(hint)}
        case "options":
            return options_schema(hint, bounds, path)
        case "list":
            return _array(hint, bounds, (*path, 0))
        case "mapping":
            inner = _schema(value_hint(hint), bounds, (*path, "*"))
            return {"type": "object", "additionalProperties": inner}
    return {}


def _array(hint: Any, bounds: Bounds, path: Path) -> Schema:
    arguments = get_args(hint)
    if get_origin(hint) is tuple and Ellipsis not in arguments:
        items = [_schema(inner, bounds, path) for inner in arguments]
        count = len(items)
        return {"type": "array", "prefixItems": items, "minItems": count, "maxItems": count}
    (item,) = item_hints(hint, 1)
    return {"type": "array", "items": _schema(item, bounds, path)}


def class_doc(options: type) -> str:
    """Return the first paragraph of a class's own docstring, or an empty text."""
    text = options.__dict__.get("__doc__") or ""
    # For a dataclass without a docstring, the decorator sets the docstring to the signature.
    signature = is_dataclass(options) and text.startswith(f"{options.__name__}(")
    return "" if signature else _without_markup(text.partition("\n\n")[0])


def attribute_docs(options: type) -> dict[str, str]:
    """Read the description of each field: the ``doc`` in its metadata, or the docstring below it.

    If the source code of the class is not available, its docstrings cannot be read.
    """
    told = {name: text for kind in reversed(options.__mro__) for name, text in _docs_of(kind)}
    given = {entry.name: entry.metadata.get("doc") for entry in fields(options)}
    return told | {name: text for name, text in given.items() if text}


def _docs_of(kind: type) -> Iterator[tuple[str, str]]:
    try:
        tree = ast.parse(dedent(getsource(kind)))
    except (OSError, TypeError, SyntaxError):
        return
    statements = [node for each in tree.body for node in getattr(each, "body", [])]
    for above, below in pairwise(statements):
        match above, below:
            case (
                ast.AnnAssign(target=ast.Name(name)),
                ast.Expr(ast.Constant(str(text))),
            ):
                yield name, _without_markup(text)


def _without_markup(text: str) -> str:
    """Write a docstring on one line, with literals in Markdown's backticks."""
    return " ".join(text.split()).replace("``", "`")
