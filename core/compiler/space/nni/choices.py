"""Draft NNI's choices among values, branches with a ``_name``, and branches written as lists.

In NNI 0.8 and later, a branch has a ``_name``. Before NNI 0.8, a branch was a list such as
``["Conv", {_type: …, _value: …}]``, whose parameters had no names. Both forms are accepted in
every dialect, since they cannot be confused.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from sweepwright.diagnostics import Code
from sweepwright.space import NAME_KEY, Nested

from ...spans import KeyPath
from ..syntax.call_form import literal
from ..syntax.drafts import Drafts, ParameterSlot
from ..syntax.nodes import Call, Form, ParameterExpr, SourceNode, format_value, node_at
from ..syntax.parameters import add_parameter
from .dialect import NniDialect, is_spec, report_nni_error
from .ranges import as_yaml

DraftSpec: TypeAlias = Callable[[Any, ParameterSlot, Drafts], None]


def draft_choice(
    values: Sequence[Any],
    slot: ParameterSlot,
    drafts: Drafts,
    dialect: NniDialect,
    draft_spec: DraftSpec,
) -> None:
    """Draft a choice, and the parameters in its branches."""
    at = (*slot.at, "_value")
    if not values:
        span = drafts.spans.value(at)
        drafts.error(Code.EMPTY_DOMAIN, f"the choice `{slot.name}` has no values", span)
    elif any(isinstance(value, Mapping) and NAME_KEY in value for value in values):
        branches = list(_branches_with_names(values, at, drafts))
        _draft_branches(branches, slot, drafts, draft_spec)
    elif any(map(_is_list, values)):
        branches = list(_list_branches(values, at, drafts, dialect))
        _draft_branches(branches, slot, drafts, draft_spec)
    elif any(map(_holds_spec, values)):
        for index, value in enumerate(values):
            if _holds_spec(value):
                message = f"a branch of `{slot.name}` has no `{NAME_KEY}`"
                report_nni_error(drafts, message, drafts.spans.value((*at, index)), _USE_NAME)
    else:
        _draft_values(values, slot, drafts)


_USE_NAME = f"write `{{{NAME_KEY}: …}}`"


@dataclass(frozen=True, slots=True)
class _Branch:
    """A branch in NNI's notation; each spec is a triple of name, value and path."""

    name: str
    at: KeyPath
    specs: tuple[tuple[str, Any, KeyPath], ...] = ()


def _draft_branches(
    branches: Sequence[_Branch], slot: ParameterSlot, drafts: Drafts, draft_spec: DraftSpec
) -> None:
    names = [branch.name for branch in branches]
    for index, branch in enumerate(branches):
        if branch.name in names[:index]:
            message = f"the branch `{branch.name}` is given twice"
            drafts.error(Code.DUPLICATE_CHOICE, message, drafts.spans.value(branch.at))
    # `Drafts` promises each choice before the parameters in its branches.
    if names:
        drafts.add(slot, Nested(tuple(names)))
    for index, branch in enumerate(branches):
        section = slot.branch(index, branch.name, branch.at)
        for name, spec, at in branch.specs:
            # The parameters of a second branch of the same name would have the names of the first.
            if branch.name not in names[:index] and drafts.check_name(name, at):
                draft_spec(spec, replace(section.slot(name), at=at), drafts)


def _branches_with_names(values: Sequence[Any], at: KeyPath, drafts: Drafts) -> Iterator[_Branch]:
    """Yield the branches of a choice whose branches are mappings with the key ``_name``."""
    for index, value in enumerate(values):
        here = (*at, index)
        if not isinstance(value, Mapping) or NAME_KEY not in value:
            message = f"this branch has no `{NAME_KEY}`, unlike other branches of the choice"
            report_nni_error(drafts, message, drafts.spans.value(here), _USE_NAME)
        elif drafts.check_name(value[NAME_KEY], (*here, NAME_KEY), is_key=False):
            specs = ((key, spec, (*here, key)) for key, spec in value.items() if key != NAME_KEY)
            yield _Branch(value[NAME_KEY], here, tuple(specs))


def _is_list(value: Any) -> bool:
    """Tell whether a value is a branch that is written as a list."""
    # A list without a domain in it is a value, such as the kernel size `[3, 3]`.
    return isinstance(value, list) and any(map(is_spec, value))


def _list_branches(
    values: Sequence[Any], at: KeyPath, drafts: Drafts, dialect: NniDialect
) -> Iterator[_Branch]:
    """Yield the branches of a choice whose branches are written as lists.

    A branch without parameters may also be written as its name.
    """
    for index, value in enumerate(values):
        here = (*at, index)
        name, *specs = value if isinstance(value, list) and value else [value]
        if not isinstance(name, str):
            message = f"`{format_value(name)}` is not the name of a branch"
            suggestion = "write a branch as its name, or as a list that begins with its name"
            report_nni_error(drafts, message, drafts.spans.value(here), suggestion)
        elif drafts.check_name(
            name, (*here, 0) if isinstance(value, list) else here, is_key=False
        ):
            paths = [(*here, position) for position in range(1, len(specs) + 1)]
            names = dialect.names_of(name, len(specs))
            yield _Branch(name, here, tuple(zip(names, specs, paths, strict=True)))


def _holds_spec(value: Any) -> bool:
    """Tell whether a value contains a domain, so that it was meant as a branch."""
    return is_spec(value) or (isinstance(value, Mapping) and any(map(is_spec, value.values())))


def _draft_values(values: Sequence[Any], slot: ParameterSlot, drafts: Drafts) -> None:
    nodes = node_at(values, (*slot.at, "_value"), drafts.spans).items
    name = node_at("choice", (*slot.at, "_type"), drafts.spans)
    for node in nodes:
        _warn_of_number_as_text(node, drafts)
    add_parameter(ParameterExpr(Call(name, nodes, {}, Form.NNI)), slot, drafts)


def _warn_of_number_as_text(node: SourceNode, drafts: Drafts) -> None:
    """Warn of a number without quotes that YAML 1.1 reads as text, such as ``1e-4``."""
    meant = literal(node.value) if isinstance(node.value, str) else None
    # A number in quotes is meant as text.
    if isinstance(meant, float) and node.raw_text == node.value:
        message = f"YAML reads `{node.value}` as text"
        suggestion = f"write `{as_yaml(meant)}`, or put the text in quotes"
        drafts.warn(Code.BAD_NNI_SPACE, message, node.span, suggestion)
