"""Build the domain of a call, and find each fault at the smallest node that contains the fault."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sweepwright.diagnostics import Code, did_you_mean
from sweepwright.domains import MAX_EXACT
from sweepwright.space import Domain, Integer, Normal, Real

from .bounds import argument_name, bound_faults
from .call_form import DOMAINS, literal
from .choices import make_choice
from .nodes import Call, DomainFault, Form, SourceNode, format_value, number_fault


def make_domain(call: Call) -> tuple[Domain | None, list[DomainFault]]:
    """Return the domain and all faults; the domain is None if a fault is an error."""
    name = call.name.value
    if name not in DOMAINS:
        message = f"no domain is called `{format_value(name)}`"
        suggestion = _suggest_domain(format_value(name), call.form)
        return None, [DomainFault(Code.UNKNOWN_DOMAIN, message, call.name, suggestion)]
    # A choice takes any number of arguments of any type, which no signature describes.
    if name in ("choice", "ordinal"):
        return make_choice(call)
    given, faults = match_arguments(call)
    if faults:
        return None, faults
    found = list(bound_faults(call, given))
    if any(not fault.warning for fault in found):
        return None, found
    return _MAKERS[name]({key: node.value for key, node in given.items()}), found


@dataclass(frozen=True, slots=True)
class _ArgumentSpec:
    """A formal parameter of a domain: its name and the type that its argument must have."""

    name: str
    wants: type
    required: bool = True
    positional: bool = True


_STEP = _ArgumentSpec("step", float, required=False)
_LOG = _ArgumentSpec("log", bool, required=False, positional=False)
_CLIP = _ArgumentSpec("clip", bool, required=False, positional=False)
_BOUNDS = (_ArgumentSpec("low", float), _ArgumentSpec("high", float), _STEP, _CLIP)
_NORMAL = (_ArgumentSpec("mean", float), _ArgumentSpec("std", float), _STEP)
_SIGNATURES: Mapping[str, tuple[_ArgumentSpec, ...]] = {
    "uniform": (*_BOUNDS, _LOG),
    "loguniform": _BOUNDS,
    "int": (
        _ArgumentSpec("low", int),
        _ArgumentSpec("high", int),
        _ArgumentSpec("log", bool, required=False),
        _ArgumentSpec("step", int, required=False),
    ),
    "normal": (*_NORMAL, _LOG),
    "lognormal": _NORMAL,
}
_MAKERS: Mapping[str, Callable[[Mapping[str, Any]], Domain]] = {
    "uniform": lambda given: _real(given, log=given.get("log", False)),
    "loguniform": lambda given: _real(given, log=True),
    "int": lambda given: Integer(**given),
    "normal": lambda given: _normal(given, log=given.get("log", False)),
    "lognormal": lambda given: _normal(given, log=True),
}
_USAGES = {
    "uniform": "uniform(low, high, step=…)",
    "loguniform": "loguniform(low, high, step=…)",
    "int": "int(low, high, log=…, step=…)",
    "normal": "normal(mean, std, step=…)",
    "lognormal": "lognormal(mean, std, step=…)",
}


def _real(given: Mapping[str, Any], *, log: bool) -> Domain:
    low, high = _float(given["low"]), _float(given["high"])
    return Real(low, high, log, _step(given), given.get("clip", False))


def _normal(given: Mapping[str, Any], *, log: bool) -> Domain:
    return Normal(_float(given["mean"]), _float(given["std"]), log, _step(given))


def _float(number: float) -> float:
    """Convert a number to a float, and -0.0 to 0.0.

    Otherwise -0.0 and 0.0 would give plans with different fingerprints.
    """
    return float(number) + 0.0


def _step(given: Mapping[str, Any]) -> float | None:
    return float(given["step"]) if "step" in given else None


def _suggest_domain(name: str, form: Form) -> str | None:
    table = ["derived"] if form is Form.TABLE else []
    if name not in _FOREIGN_DOMAINS:
        return did_you_mean(name, [*DOMAINS, *table])
    # In a table, the name of the domain stands without its arguments.
    here = _FOREIGN_DOMAINS[name]
    return f"the equivalent domain is `{here.partition('(')[0] if table else here}`"


_FOREIGN_DOMAINS = {
    "randint": "int(low, high)",
    # NNI defines `quniform` as clip(round(uniform(low, high) / q) * q, low, high).
    "quniform": "uniform(low, high, step=q, clip=true)",
    "qloguniform": "loguniform(low, high, step=q, clip=true)",
    "qnormal": "normal(mean, std, step=q)",
    "qlognormal": "lognormal(mean, std, step=q)",
    "log_uniform": "loguniform(low, high)",
    "float": "uniform(low, high)",
    "real": "uniform(low, high)",
    "integer": "int(low, high)",
    "categorical": "choice(a, b)",
}
"""Mapping from domains of other tools to the equivalent domains of this project."""


def match_arguments(call: Call) -> tuple[dict[str, SourceNode], list[DomainFault]]:
    """Assign the arguments of a range or a distribution to its formal parameters."""
    specs = _SIGNATURES[call.name.value]
    by_position = [spec.name for spec in specs if spec.positional]
    given = dict(zip(by_position, call.arguments, strict=False))
    message = f"`{call.name.value}` has too many arguments"
    suggestion = _usage(call)
    faults = [
        DomainFault(Code.BAD_ARGUMENTS, message, node, suggestion)
        for node in call.arguments[len(by_position) :]
    ]
    faults += _match_keywords(call, [spec.name for spec in specs], given)
    for spec in specs:
        if spec.name in given:
            faults += _type_faults(call, spec, given[spec.name])
        # Report a missing argument only if no other fault exists: in `uniform(0, hihg=1)`, the
        # argument `high` is misspelt and not missing.
        elif spec.required and not faults:
            message = f"`{call.name.value}` needs `{spec.name}`"
            lacking = _usage(call) if call.form is Form.CALL else f"add `{spec.name}: …`"
            faults.append(DomainFault(Code.BAD_ARGUMENTS, message, call.name, lacking))
    return given, faults


def _match_keywords(
    call: Call, specs: list[str], given: dict[str, SourceNode]
) -> Iterator[DomainFault]:
    """Assign the keyword arguments, and find names that are unknown or given twice."""
    for key, (at, node) in call.keywords.items():
        if key not in specs:
            message = f"`{call.name.value}` has no argument `{key}`"
            yield DomainFault(Code.BAD_ARGUMENTS, message, at, _suggest_argument(call, key, specs))
        elif key in given:
            yield DomainFault(Code.BAD_ARGUMENTS, f"`{key}` is given twice", at)
        else:
            given[key] = node


def _suggest_argument(call: Call, key: str, specs: list[str]) -> str | None:
    # Only the signatures of `loguniform` and `lognormal` have no `log`.
    if key == "log":
        return f"remove `log`: `{call.name.value}` is always logarithmic"
    if _FOREIGN_ARGUMENTS.get(key) in specs:
        return f"use `{_FOREIGN_ARGUMENTS[key]}` instead"
    return did_you_mean(key, specs)


_FOREIGN_ARGUMENTS = {
    "min": "low",
    "max": "high",
    "lower": "low",
    "upper": "high",
    "start": "low",
    "stop": "high",
    "end": "high",
    "q": "step",
    "mu": "mean",
    "loc": "mean",
    "sigma": "std",
    "scale": "std",
}
"""Mapping from the names of arguments in other tools to the names in this project."""


def _usage(call: Call) -> str | None:
    return f"write `{_USAGES[call.name.value]}`" if call.form is Form.CALL else None


def _type_faults(call: Call, spec: _ArgumentSpec, node: SourceNode) -> Iterator[DomainFault]:
    if fault := _type_fault(node.value, spec.wants):
        name = argument_name(call, spec.name)
        message = f"`{name}` is `{format_value(node.value)}`, {fault}"
        suggestion = _suggest_value(node.value, spec.wants)
        yield DomainFault(Code.BAD_ARGUMENTS, message, node, suggestion)


def _type_fault(value: Any, wants: type) -> str | None:
    if wants is float:
        return number_fault(value)
    if wants is bool:
        return None if isinstance(value, bool) else "not `true` or `false`"
    if isinstance(value, bool) or not isinstance(value, int):
        return "not an integer"
    # Columns of values hold floats, which would change a larger integer.
    return "too large to be exact" if abs(value) > MAX_EXACT else None


def _suggest_value(value: Any, wants: type) -> str | None:
    """Suggest how to write the value that the author most likely meant."""
    if wants is bool:
        return f"write `{format_value(bool(value))}`" if value in (0, 1) else None
    meant = literal(value) if isinstance(value, str) else value
    # A comparison with nan is false, so `not abs(meant) <= …` excludes nan as well.
    if not isinstance(meant, int | float) or not abs(meant) <= MAX_EXACT:
        return None
    if wants is int and isinstance(meant, float):
        return f"write `{int(meant)}`" if meant.is_integer() else None
    return f"write `{meant}`, without quotes" if isinstance(value, str) else None
