"""Resolve interpolations to values, and check the settings of the root.

Before: ``store: {path: "${oc.env:HOME}/sweeps"}``, ``max_trails: 10``.
After: ``store: {path: "/home/me/sweeps"}``, a finding about the unknown key ``max_trails``, and
`Settings`. `INVALID` replaces each value that does not resolve.
"""

import re
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import replace
from typing import Any

from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import MissingMandatoryValue, OmegaConfBaseException

from sweepwright.diagnostics import Code, Report, did_you_mean

from ...plan.environment import put_references_back, set_references_aside, unset_findings
from ...registry.options import ABSENT, OptionFault, build_options, check_options
from ..error_recovery import INVALID, invalid_paths
from ..settings import SECTIONS, Settings, called_here, known_settings, out_of_range
from ..spans import KeyPath, dotted
from ..stages import Composed, Resolved


def resolve(composed: Composed, report: Report) -> Resolved:
    """Resolve each value by itself, so that all broken interpolations are reported."""
    tree = _Resolver(composed, report).mapping(composed.plain, composed.tree, ())
    _report_unknown_keys(tree, composed, report)
    given = {key: tree[key] for key in _setting_names() if key in tree}
    faulty = set(_faults(given, composed, report)) | set(invalid_paths(given))
    # `Budget` cannot be built from some of its keys: its maximum has no default.
    budget_valid = not any(path[0] == "budget" for path in faulty)
    left_out = faulty if budget_valid else {*faulty, ("budget",)}
    # A default replaces each faulty setting, so that the later passes have complete settings.
    settings = build_options(Settings, _without(given, left_out))
    return Resolved(tree, composed.spans, settings, budget_valid, composed.overrides)


class _Resolver:
    """Copies values that have no interpolation, and lets OmegaConf resolve the others."""

    def __init__(self, composed: Composed, report: Report) -> None:
        self._composed = composed
        self._report = report
        self._invalid = [dotted(path) for path in composed.invalid]

    def mapping(self, plain: Mapping[Any, Any], node: DictConfig, path: KeyPath) -> dict[Any, Any]:
        """Resolve a mapping, which is given as unresolved values and as OmegaConf's node."""
        # Composition has removed these keys. Later passes must see that they were given.
        left_out = [invalid[-1] for invalid in self._composed.invalid if invalid[:-1] == path]
        return {
            **{key: self._value(value, node, (*path, key)) for key, value in plain.items()},
            **dict.fromkeys(map(str, left_out), INVALID),
        }

    def _value(self, plain: Any, node: Any, path: KeyPath) -> Any:
        """Resolve the value at a path; `node` is the container of the value."""
        if path in self._composed.invalid:
            return INVALID
        match plain:
            case Mapping() | list():
                return self._container(plain, node[path[-1]], path)
            case str() if "${" in plain and is_variable_path(path):
                return self._variable(plain, node, path)
            case str() if "${" in plain or plain == ABSENT:
                return self._interpolated(plain, node, path)
        return plain

    def _container(self, plain: Any, node: Any, path: KeyPath) -> Any:
        if isinstance(plain, Mapping):
            return self.mapping(plain, node, path)
        return [self._value(item, node, (*path, index)) for index, item in enumerate(plain)]

    def _variable(self, text: str, node: Any, path: KeyPath) -> Any:
        """Resolve a variable, apart from its references to variables of the driver."""
        # The driver resolves references to its own variables at each launch, so that the plan
        # contains no secret. A missing variable is reported now.
        for found in unset_findings(text, dotted(path)):
            span = self._composed.spans.value(path)
            self._report.error(found.code, found.message, span, help=found.help)
            return INVALID
        # `${oc.env:TOKEN}/${trial.name}` becomes `MARK/${trial.name}`, which OmegaConf resolves to
        # `MARK/mnist`. The result is `${oc.env:TOKEN}/mnist`.
        kept, rest = set_references_aside(text)
        if "${" not in rest:
            return text
        # The tree must keep the text of the user, so only a copy is changed. The copy has the same
        # parent, which relative interpolations need.
        scratch = copy(node)
        scratch[path[-1]] = rest
        value = self._interpolated(rest, scratch, path)
        return put_references_back(value, kept) if isinstance(value, str) else value

    def _interpolated(self, text: str, node: Any, path: KeyPath) -> Any:
        try:
            # OmegaConf resolves an interpolation when its value is read.
            value = node[path[-1]]
        except MissingMandatoryValue:
            name = dotted(path)
            message = f"`{name}` has no value"
            span = self._composed.spans.value(path)
            self._report.error(Code.MISSING_VALUE, message, span, help=f"give `{name}=…`")
            return INVALID
        except (OmegaConfBaseException, RecursionError) as error:
            self._report_unresolved(text, path, error)
            return INVALID
        if not isinstance(value, DictConfig | ListConfig):
            return value
        if len(path) > _MAX_DEPTH:
            self._report_recursion(path)
            return INVALID
        # The section that an interpolation refers to may itself contain interpolations.
        return self._container(OmegaConf.to_container(value, resolve=False), value, path)

    def _report_recursion(self, path: KeyPath) -> None:
        message = f"`{path[0]}` contains itself through an interpolation"
        span = self._composed.spans.value(path)
        self._report.error(Code.BROKEN_INTERPOLATION, message, replace(span, key=str(path[0])))

    def _report_unresolved(self, text: str, path: KeyPath, error: Exception) -> None:
        if any(map(self._is_invalid, _targets(text, path))):
            return  # the value that the interpolation refers to was reported already
        reason = str(error).strip().splitlines()[0]
        message = f"`{text}` does not resolve: {reason}"
        span = self._composed.spans.value(path)
        self._report.error(Code.BROKEN_INTERPOLATION, message, span)

    def _is_invalid(self, target: str) -> bool:
        return any(f"{target}.".startswith(f"{invalid}.") for invalid in self._invalid)


def _targets(text: str, path: KeyPath) -> Iterator[str]:
    """Yield the full key of each value that the interpolations in a text refer to.

    `path` leads to the text. A key with one leading dot begins in the section that contains the
    text, and each further dot leads one section up.
    """
    for dots, key in re.findall(r"\$\{(\.*)([\w.]+)\}", text):
        section = path[: -len(dots)] if dots else ()
        yield ".".join([*map(str, section), key])


_MAX_DEPTH = 64
"""Depth of nesting above which an interpolated section is assumed to contain itself.

Nobody writes sections that are nested so deeply. OmegaConf raises no error for a section that
contains itself, since it resolves such a section one level at a time.
"""


def is_variable_path(path: KeyPath) -> bool:
    """Tell whether a key sets an environment variable of a trial or of one of its roles."""
    match path:
        case ("trial", "environment", _) | ("trial", "roles", _, "environment", _):
            return True
    return False


def _setting_names() -> list[str]:
    return [key for key in known_settings() if key not in SECTIONS]


def _report_unknown_keys(tree: Mapping[str, Any], composed: Composed, report: Report) -> None:
    """Report the unknown top-level keys of the configuration."""
    known = known_settings()
    for key, value in tree.items():
        if key not in known and value is not INVALID:
            names = sorted({*known, *composed.groups} - {"hydra"})
            suggestion = called_here(str(key)) or did_you_mean(str(key), names)
            if key in composed.groups:
                suggestion = "a config of this group begins with `# @package _global_`"
            message = f"no key is called `{key}`"
            span = composed.spans.key((key,))
            report.error(Code.UNKNOWN_KEY, message, span, help=suggestion)


def _faults(settings: Mapping[str, Any], composed: Composed, report: Report) -> Iterator[KeyPath]:
    """Report the faults in settings, and yield the path of each fault."""
    faults = check_options(Settings, settings)
    for fault in faults:
        _report_fault(fault, composed, report)
        yield fault.path
    unusable = {fault.path for fault in faults} | set(invalid_paths(settings))
    if ("budget", "minimum") in unusable:
        # The maximum would be compared with the default of the minimum.
        unusable.add(("budget", "maximum"))
    right_type = _without(settings, unusable)
    for found in out_of_range(right_type):
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
    """Copy a tree without its faulty values."""
    return {
        key: _without(value, faulty, (*path, key)) if isinstance(value, Mapping) else value
        for key, value in tree.items()
        if (*path, key) not in faulty
    }
