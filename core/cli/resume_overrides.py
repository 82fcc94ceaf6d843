"""Overrides of ``resume``: they may change only limits, and where trials run.

A platform's options may change if they change its slots, or if the platform says so, as for the
list of machines (`PlatformProvider.changeable`). An override of any other key must repeat the
recorded value, because nobody could repeat or explain a sweep that changed its tuner or its space
halfway. One error reports all refused overrides.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import Any

from sweepwright.contracts import PlatformProvider
from sweepwright.diagnostics import did_you_mean
from sweepwright.events import FailureKind

from ..compiler.odd_values import parsing_fault
from ..compiler.settings import Settings, out_of_range
from ..driver.runtime import attribute_errors
from ..plan.plan import Limits, Plan
from ..plan.plan_json import plan_body
from ..plan.redaction import mask_value
from ..registry.options import build_options, check_options, plain_options, show
from ..registry.registry import Registry
from .arguments import UsageError


def revise_plan(plan: Plan, overrides: Sequence[str], registry: Registry) -> Plan:
    """Return a copy of a recorded plan in which the overrides have changed limits and platform.

    Raises
    ------
    UsageError
        If an override has an invalid value, or changes a key that must not change. The message
        lists all such overrides.
    """
    revision = _Revision(plan, registry.find("platform", plan.platform.name))
    for override in overrides:
        if not revision.repeats(override):
            revision.apply(*parse_override(override))
    revision.check_platform()
    if revision.refusals:
        options = (f"platform.{name}" for name in revision.provider.changeable)
        names = (f"`{name}`" for name in (*_LIMITS, *options))
        changeable = ", ".join([*names, "the platform's slots"])
        raise UsageError(
            "\n".join(
                [
                    "the recorded sweep cannot be resumed with these changes:",
                    *(f"  {refusal}" for refusal in revision.refusals),
                    f"  = help: only {changeable} can change; otherwise begin a new sweep",
                ]
            )
        )
    return replace(plan, limits=revision.limits, platform=revision.platform)


def parse_override(override: str) -> tuple[str, Any]:
    """Return the key and the value of an override in Hydra's grammar, without its prefix."""
    if plain := PLAIN_OVERRIDE.fullmatch(override):
        with _readable(plain["key"]):
            return plain["key"], json.loads(plain["value"])
    from hydra.core.override_parser.overrides_parser import OverridesParser  # noqa: PLC0415 - slow
    from hydra.errors import HydraException  # noqa: PLC0415 - slow to import

    try:
        with _readable(override.partition("=")[0]):
            parsed = OverridesParser.create().parse_override(override)
    except HydraException as error:
        raise UsageError(f"cannot parse the override `{override}`: {error}") from error
    if parsed.is_delete() or parsed.is_sweep_override():
        raise UsageError(f"`{override}` does not set a single value; resume accepts key=value")
    return parsed.key_or_group, parsed.value()


@contextmanager
def _readable(key: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, RecursionError) as error:
        raise UsageError(f"the value of `{key}` cannot be used: {parsing_fault(error)}") from error


# Hydra and JSON read a value such as that of `max_trials=50` alike. Most overrides of a resume
# have such a value, so Hydra's parser, which is slow to import, is seldom needed.
PLAIN_OVERRIDE = re.compile(
    r"\+{0,2}(?P<key>[a-z_]+(\.[a-z_]+)*)"
    r"=(?P<value>null|true|false|-?(0|[1-9][0-9]*)(\.[0-9]+)?)"
)


class _Revision:
    """The recorded limits and platform, with the changes made so far."""

    def __init__(self, plan: Plan, provider: PlatformProvider[Any]) -> None:
        self.limits = plan.limits
        self.platform = plan.platform
        self.provider = provider
        self.refusals: list[str] = []
        self._plan = plan
        # If several overrides set a key, the last one counts.
        self._composed_with = {_key_of(text): text for text in plan.overrides}

    def repeats(self, override: str) -> bool:
        """Tell whether an override is among those that the sweep was composed with.

        The plan does not record the choice of some groups, such as ``space``, but only what was
        chosen. Limits and options of the platform may have changed since, so they are compared
        with their recorded values.
        """
        key = _key_of(override)
        changeable = key.partition(".")[0] in _LIMITS or key.startswith("platform.")
        composed_with = self._composed_with.get(key, "").lstrip("+")
        return not changeable and override.lstrip("+") == composed_with

    def apply(self, key: str, value: Any) -> None:
        """Set a key to a value, or record why this change is refused."""
        group, _, rest = key.partition(".")
        if group in _LIMITS:
            self._change_limit(group, rest, value)
        elif group == "platform" and rest:
            self._change_platform(rest, value)
        else:
            self._require_recorded(key, value)

    def check_platform(self) -> None:
        """Check and complete the options of a changed platform, as the compiler does."""
        if self.platform == self._plan.platform or self.refusals:
            return
        provider = self.provider
        with attribute_errors(self.platform):
            options = build_options(provider.options, self.platform.options)
            found = provider.check(options, self._plan.code) if provider.check else ()
            self.refusals += [f"platform: {each.message}" for each in found if not each.warning]
            if provider.finalize_options and not self.refusals:
                final = plain_options(provider.finalize_options(options))
                self.platform = replace(self.platform, options=final)

    def _change_limit(self, name: str, rest: str, value: Any) -> None:
        change: dict[str, Any] = {name: {rest: value} if rest else value}
        faults = [fault.message for fault in check_options(Settings, change)]
        faults = faults or [fault.message for fault in out_of_range(change)]
        if faults:
            self.refusals += faults
        elif name == "retries":
            counts = {FailureKind(kind): count for kind, count in change[name].items()}
            self.limits = replace(self.limits, retries={**self.limits.retries, **counts})
        else:
            self.limits = replace(self.limits, **change)

    def _change_platform(self, option: str, value: Any) -> None:
        """Change an option of the platform if that is allowed; else refuse."""
        recorded = self.platform.options
        changed = _with(recorded, option, value)
        if changed == recorded:
            return
        if faults := check_options(self.provider.options, changed):
            self.refusals += [f"platform: {fault.message}" for fault in faults]
        elif self._may_change(option, changed):
            self.platform = replace(self.platform, options=changed)
        else:
            self._require_recorded(f"platform.{option}", value)

    def _may_change(self, option: str, changed: Mapping[str, Any]) -> bool:
        if option.partition(".")[0] in self.provider.changeable:
            return True
        return self._slots_of(changed) != self._slots_of(self.platform.options)

    def _slots_of(self, options: Mapping[str, Any]) -> Mapping[str, float] | None:
        slots = self.provider.slots
        return slots(build_options(self.provider.options, options)) if slots else None

    def _require_recorded(self, key: str, value: Any) -> None:
        """Record a refusal if a value differs from the recorded value."""
        recorded = _recorded(self._plan, key)
        if recorded is _UNKNOWN and key in self._composed_with:
            self.refusals.append(
                f"`{key}` cannot change; the sweep was composed with `{self._composed_with[key]}`"
            )
        elif recorded is _UNKNOWN and key == "space":
            names = ", ".join(f"`{parameter.name}`" for parameter in self._plan.space.parameters)
            self.refusals.append(f"`space` cannot change; it is recorded with {names}")
        elif recorded is _UNKNOWN:
            self.refusals.append(f"`{key}` cannot change; {did_you_mean(key, _LIMITS)}")
        elif recorded != value:
            before, after = (show(mask_value(key.split("."), v)) for v in (recorded, value))
            self.refusals.append(f"`{key}` is recorded as {before}, not {after}")


def _with(options: Any, key: str, value: Any) -> dict[str, Any]:
    """Return a copy of options in which a key, such as ``defaults.python``, has another value."""
    first, _, rest = key.partition(".")
    known = options if isinstance(options, Mapping) else {}
    return {**known, first: _with(known.get(first), rest, value) if rest else value}


def _key_of(override: str) -> str:
    return override.partition("=")[0].lstrip("+~")


_LIMITS = [entry.name for entry in fields(Limits)]
_UNKNOWN = object()


def _recorded(plan: Plan, key: str) -> Any:
    """Return the value that the plan records for a key of the configuration."""
    group, _, rest = key.partition(".")
    if group == "space":
        domains = {p.name: str(p.domain) for p in plan.space.parameters}
        return domains.get(rest, _UNKNOWN)
    found: Any = plan_body(plan)
    if group in ("tuner", "assessor", "platform", "framework"):
        path = ["options", *rest.split(".")] if rest else ["name"]
        if found[group] is None:
            return _UNKNOWN if rest else None
        found = found[group]
    elif group == "trial":
        path, found = [rest or "name"], found["code"]
    else:
        path = key.split(".")
    for part in path:
        if not isinstance(found, Mapping) or part not in found:
            return _UNKNOWN
        found = found[part]
    return found
