"""JSON Schema of option dataclasses, for editors: names, types, defaults and what they mean.

What it admits is what `check_options` finds no fault with, and an interpolation anywhere.

Docstrings of fields: the strings that stand under the attributes of a dataclass.
"""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, is_dataclass
from inspect import getsource
from itertools import pairwise
from textwrap import dedent
from types import NoneType
from typing import Any, TypeAlias, get_args, get_origin, get_type_hints

from ...registry.option_types import choices_of, item_hints, option_entries, shape_of, value_hint
from ...registry.options import ABSENT, Path, option_defaults

Schema: TypeAlias = dict[str, Any]
Bounds: TypeAlias = Callable[[Path], Schema]
"""Says what a number at a path may be, in the words of JSON Schema."""

DEFINITIONS: Schema = {"interpolation": {"type": "string", "pattern": r"\$\{|^\?\?\?$"}}
"""What the schemas here refer to, by name below ``$defs``: text like ``${other.key}``, and
``???`` for what is yet to be given."""
TEXT: Schema = {"type": "string"}
NULL: Schema = {"type": "null"}


def options_schema(options: type[Any], bounds: Bounds = lambda _: {}, path: Path = ()) -> Schema:
    """Describe a mapping of options; `bounds` are asked by path from the outermost."""
    hints, defaults = get_type_hints(options), option_defaults(options)
    told = attribute_docs(options)
    entries = option_entries(options)
    properties = {
        entry.name: described(
            _schema(hints[entry.name], bounds, (*path, entry.name)),
            told.get(entry.name) or _meaning(hints[entry.name]),
            defaults[entry.name],
        )
        for entry in entries
    }
    return closed(properties, _required(entries, path))


def flexible(*schemas: Schema) -> Schema:
    """Admit any of several, and an interpolation unless text of any kind is one of them."""
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
    """Describe a mapping whose other keys depend on a choice.

    Parameters
    ----------
    key
        Where the name of the choice is.
    chosen
        Admits the mappings that make a choice; unless given, those that name it.
    """
    names = [described({"const": name}, meanings.get(name)) for name in variants]
    admit = chosen or (lambda name: having(key, name))
    rules = [{"if": admit(name), "then": variant} for name, variant in variants.items()]
    section = {"type": "object", "properties": {key: flexible(*names)}}
    return {**section, "allOf": rules} if rules else section


def having(key: str, value: Any) -> Schema:
    """Admit the mappings in which a key has this value."""
    return {"properties": {key: {"const": value}}, "required": [key]}


def closed(properties: Schema, required: Sequence[str] = ()) -> Schema:
    """Describe a mapping of these keys and no others."""
    demanded = {"required": list(required)} if required else {}
    return {
        "type": "object",
        "properties": properties,
        **demanded,
        "additionalProperties": False,
    }


def described(schema: Schema, text: str | None, default: Any = ABSENT) -> Schema:
    """Add what a value means, and what it is when nobody gives it."""
    told = {"description": text} if text else {}
    return {**told, **schema, **({} if default == ABSENT else {"default": default})}


def _is_text(schema: Schema) -> bool:
    """Tell whether a schema admits all text, interpolations included."""
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


def _meaning(hint: Any) -> str:
    """Say what options inside of options are for, as their class does."""
    options = (inner for inner in (hint, *get_args(hint)) if shape_of(inner) == "options")
    return next(map(class_doc, options), "")


def _required(entries: list[Field[Any]], path: Path) -> list[str]:
    """List what must be there: something only in a list, since all else is merged of parts."""
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
    """Return the first paragraph of a class's docstring; nothing for one that it only inherits."""
    text = options.__dict__.get("__doc__") or ""
    # A dataclass without a docstring is given its signature for one.
    signature = is_dataclass(options) and text.startswith(f"{options.__name__}(")
    return "" if signature else _without_markup(text.partition("\n\n")[0])


def attribute_docs(options: type) -> dict[str, str]:
    """Read the docstring of each field from the source; of none whose source is not at hand."""
    return {name: text for kind in reversed(options.__mro__) for name, text in _docs_of(kind)}


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
    """Write a docstring on one line, and its literals as Markdown has them."""
    return " ".join(text.split()).replace("``", "`")
