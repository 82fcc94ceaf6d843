"""Write a search space as YAML in the call form, however it was spelt before."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sweepwright._call_form import literal
from sweepwright.events import Assignment
from sweepwright.space import Categorical, Nested, Parameter, SearchSpace


def write_space(
    space: SearchSpace, start: Sequence[Assignment] = (), *, oldest: bool = False
) -> str:
    """Write a space as a file of the group ``space``, which compiles to an equal one.

    Parameters
    ----------
    start
        Assignments that are tried first.
    oldest
        Whether trials receive assignments in the form that NNI had before its version 0.8.
    """
    lines = [
        *_Writer(space).section(None, ""),
        *(["start:", *(f"  - {_flow(assignment)}" for assignment in start)] if start else []),
        *(["nni: {version: v0, space: {}}"] if oldest else []),
    ]
    return "\n".join(lines) + "\n"


class _Writer:
    """Writes parameters under the branches that they are in."""

    def __init__(self, space: SearchSpace) -> None:
        self._inside: dict[tuple[str, int] | None, list[Parameter]] = {}
        for parameter in space.parameters:
            when = parameter.when
            branch = (when.parent, when.choices[0]) if when else None
            self._inside.setdefault(branch, []).append(parameter)

    def section(self, branch: tuple[str, int] | None, indent: str) -> Iterator[str]:
        """Write all that is in a branch, or outside of any."""
        for parameter in self._inside.get(branch, ()):
            key = _key(parameter.path[-1])
            if isinstance(parameter.domain, Nested):
                yield f"{indent}{key}:"
                yield from self._nested(parameter, parameter.domain, f"{indent}  ")
            else:
                yield f"{indent}{key}: {_scalar(_text(parameter))}"

    def _nested(self, parameter: Parameter, domain: Nested, indent: str) -> Iterator[str]:
        yield f"{indent}choice:"
        for index, branch in enumerate(domain.branches):
            inside = list(self.section((parameter.name, index), f"{indent}    "))
            yield f"{indent}  {_key(branch)}:{'' if inside else ' {}'}"
            yield from inside
        if domain.weights:
            pairs = zip(domain.branches, domain.weights, strict=True)
            words = ((_key(branch), repr(weight).removesuffix(".0")) for branch, weight in pairs)
            weights = ", ".join(f"{branch}: {weight}" for branch, weight in words)
            yield f"{indent}weights: {{{weights}}}"
        if parameter.default is not None:
            yield f"{indent}default: {_word(parameter.default)}"


def _text(parameter: Parameter) -> str:
    """Write a parameter that is no nested choice; a number that never changes stands alone."""
    match parameter:
        case Parameter(
            domain=Categorical((bool() | int() | float() as fixed,), None), default=None
        ):
            return literal(fixed)
    default = "" if parameter.default is None else f" = {literal(parameter.default)}"
    return f"{parameter.domain}{default}"


def _scalar(text: str) -> str:
    """Write a text in the call form as YAML that reads it back as it is."""
    # OmegaConf would resolve an interpolation, even one in quotes.
    escaped = _escaped(text).replace("${", r"\u0024{")
    if re.search(r":(\s|$)|\s#", escaped):
        return "'" + escaped.replace("'", "''") + "'"
    return escaped


def _key(name: str) -> str:
    """Write a name as YAML, in quotes where it would be read as something else."""
    return name if _is_plain(name) else _escaped(json.dumps(name, ensure_ascii=False))


def _word(name: str) -> str:
    """Write a name that is a value, which OmegaConf would resolve."""
    return name if _is_plain(name) else _flow(name)


def _is_plain(name: str) -> bool:
    """Tell whether YAML reads a name as it is."""
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", name)
    return plain is not None and name.lower() not in _YAML_WORDS


_YAML_WORDS = ("true", "false", "yes", "no", "on", "off", "y", "n", "null")


def _flow(value: Any) -> str:
    """Write plain values on one line, in JSON that OmegaConf resolves nothing in."""
    return _escaped(json.dumps(_uninterpolated(value), ensure_ascii=False))


def _uninterpolated(value: Any) -> Any:
    match value:
        case str():
            return re.sub(r"(\\*)\$\{", r"\1\1\\${", value)
        case Mapping():
            return {key: _uninterpolated(inner) for key, inner in value.items()}
        case list():
            return list(map(_uninterpolated, value))
    return value


def _escaped(text: str) -> str:
    """Escape what YAML takes for a line break or refuses; it stands inside JSON's quotes."""
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


_UNPRINTABLE = re.compile(r"[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
