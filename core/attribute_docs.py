"""Docstrings of fields: the strings that stand under the attributes of a dataclass."""

import ast
from collections.abc import Iterator
from dataclasses import is_dataclass
from inspect import getsource
from itertools import pairwise
from textwrap import dedent


def class_doc(options: type) -> str:
    """Return the first paragraph of a class's docstring; nothing for one that it only inherits."""
    text = options.__dict__.get("__doc__") or ""
    # A dataclass without a docstring is given its signature for one.
    signature = is_dataclass(options) and text.startswith(f"{options.__name__}(")
    return "" if signature else _plain(text.partition("\n\n")[0])


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
                yield name, _plain(text)


def _plain(text: str) -> str:
    """Write a docstring on one line, and its literals as Markdown has them."""
    return " ".join(text.split()).replace("``", "`")
