"""Resolve: interpolations become values, and the settings of the root are checked.

Before: ``store: {path: "${oc.env:HOME}/sweeps"}``, ``max_trails: 10``.
After: plain values in which whatever is at fault is a hole, and `Settings`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import MissingMandatoryValue, OmegaConfBaseException

from sweepwright.diagnostics import Code, Report, did_you_mean

from ...registry.options import ABSENT, OptionFault, build_options, check_options
from ..settings import SECTIONS, Settings, called_here, known_settings, out_of_range
from ..spans import KeyPath, dotted
from ..stages import INVALID, Composed, Resolved, invalid_paths, without_invalid


def resolve(composed: Composed, report: Report) -> Resolved:
    """Resolve every value by itself, so that one broken interpolation hides no other."""
    tree = _Resolver(composed, report).mapping(composed.plain, composed.tree, ())
    _report_strangers(tree, composed, report)
    known = {key: tree[key] for key in _settings() if key in tree}
    faulty = set(_faults(without_invalid(known), composed, report)) | set(invalid_paths(known))
    sound = _without(known, faulty)
    settings = build_options(Settings, sound)
    budget_valid = not any(path[0] == "budget" for path in faulty)
    return Resolved(tree, composed.spans, settings, budget_valid, composed.overrides)


class _Resolver:
    """Asks OmegaConf for what is interpolated; everything else is plain already."""

    def __init__(self, composed: Composed, report: Report) -> None:
        self._composed = composed
        self._report = report
        self._lost = [dotted(path) for path in composed.invalid]

    def mapping(self, raw: Mapping[Any, Any], node: DictConfig, path: KeyPath) -> dict[Any, Any]:
        """Resolve what is in a mapping, given as plain values and as OmegaConf has it."""
        lost = [invalid[-1] for invalid in self._composed.invalid if invalid[:-1] == path]
        return {
            **{key: self._value(value, node, (*path, key)) for key, value in raw.items()},
            **dict.fromkeys(map(str, lost), INVALID),
        }

    def _value(self, raw: Any, node: Any, path: KeyPath) -> Any:
        """Resolve one value of a container."""
        if path in self._composed.invalid:
            return INVALID
        match raw:
            case Mapping() | list():
                return self._container(raw, node[path[-1]], path)
            case str() if "${" in raw or raw == ABSENT:
                return self._asked(raw, node, path)
        return raw

    def _container(self, raw: Any, node: Any, path: KeyPath) -> Any:
        if isinstance(raw, Mapping):
            return self.mapping(raw, node, path)
        return [self._value(item, node, (*path, index)) for index, item in enumerate(raw)]

    def _asked(self, raw: str, node: Any, path: KeyPath) -> Any:
        try:
            value = node[path[-1]]
        except MissingMandatoryValue:
            name = dotted(path)
            message = f"`{name}` has no value"
            span = self._composed.spans.value(path)
            self._report.error(Code.MISSING_VALUE, message, span, help=f"give `{name}=…`")
            return INVALID
        except (OmegaConfBaseException, RecursionError) as error:
            self._report_broken(raw, path, error)
            return INVALID
        if not isinstance(value, DictConfig | ListConfig):
            return value
        if len(path) > _DEEPEST:
            self._report_endless(path)
            return INVALID
        return self._container(OmegaConf.to_container(value, resolve=False), value, path)

    def _report_endless(self, path: KeyPath) -> None:
        message = f"`{path[0]}` refers to what it is in"
        span = self._composed.spans.value(path)
        self._report.error(Code.BROKEN_INTERPOLATION, message, replace(span, key=str(path[0])))

    def _report_broken(self, text: str, path: KeyPath, error: Exception) -> None:
        if any(map(self._is_lost, re.findall(r"\$\{\.*([\w.]+)\}", text))):
            return  # what it refers to is at fault
        said = str(error).strip().splitlines()[0]
        message = f"`{text}` does not resolve: {said}"
        span = self._composed.spans.value(path)
        self._report.error(Code.BROKEN_INTERPOLATION, message, span)

    def _is_lost(self, target: str) -> bool:
        return any(f"{target}.".startswith(f"{lost}.") for lost in self._lost)


_DEEPEST = 64
"""Nobody nests deeper; what does is an interpolation that contains itself."""


def _settings() -> list[str]:
    return [key for key in known_settings() if key not in SECTIONS]


def _report_strangers(tree: Mapping[str, Any], composed: Composed, report: Report) -> None:
    known = known_settings()
    for key, value in tree.items():
        if key not in known and value is not INVALID:
            names = sorted({*known, *composed.groups} - {"hydra"})
            near = called_here(str(key)) or did_you_mean(str(key), names)
            if key in composed.groups:
                near = "a config of this group begins with `# @package _global_`"
            message = f"no key is called `{key}`"
            report.error(Code.UNKNOWN_KEY, message, composed.spans.key((key,)), help=near)


def _faults(settings: Mapping[str, Any], composed: Composed, report: Report) -> Iterator[KeyPath]:
    """Report what is wrong with settings; return where."""
    faults = check_options(Settings, settings)
    for fault in faults:
        _report_fault(fault, composed, report)
        yield fault.path
    sound = _without(settings, {fault.path for fault in faults})
    for found in out_of_range(sound):
        report.error(Code.OUT_OF_RANGE, found.message, composed.spans.value(found.path))
        yield found.path


def _report_fault(fault: OptionFault, composed: Composed, report: Report) -> None:
    if fault.unknown:
        message = f"no key is called `{dotted(fault.path)}`"
        span = composed.spans.key(fault.path)
        report.error(Code.UNKNOWN_KEY, message, span, help=fault.help)
    else:
        span = composed.spans.value(fault.path)
        report.error(Code.WRONG_TYPE, fault.message, span, help=fault.help)


def _without(tree: Mapping[str, Any], faulty: set[KeyPath], path: KeyPath = ()) -> dict[str, Any]:
    """Leave out what is at fault, and a budget that has any fault as a whole."""
    if path == () and any(fault[0] == "budget" for fault in faulty):
        faulty = {*faulty, ("budget",)}
    return {
        key: _without(value, faulty, (*path, key)) if isinstance(value, Mapping) else value
        for key, value in tree.items()
        if (*path, key) not in faulty
    }
