"""Stub plugins for tests of the compiler: they have faults, or refuse_options what they are given.

None of their providers is ever built.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import entry_points
from typing import Any, NoReturn

from sweepwright.contracts import (
    AssessorProvider,
    Bracket,
    Capability,
    Finding,
    FrameworkProvider,
    Package,
    PlatformProvider,
    Problem,
    Rung,
    TrialCode,
    TunerProvider,
)
from sweepwright.core.registry.registry import Registry
from sweepwright.hooks import hookimpl
from sweepwright.space import Categorical, Integer, Real


@dataclass(frozen=True, slots=True)
class NoOptions:
    """No options at all."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Nested options."""

    left: float = 1.0


@dataclass(frozen=True, slots=True)
class PickyOptions:
    """Options of several shapes: a number, a list and nested options."""

    depth: int = 3
    layers: tuple[int, ...] = ()
    weights: Weights = field(default_factory=Weights)


@dataclass(frozen=True, slots=True)
class NeedyOptions:
    """An option without a default."""

    depth: int


@dataclass(frozen=True, slots=True)
class DeprecatedWeights:
    """Nested options, one of them deprecated."""

    left: float = 1.0
    right: float | None = field(default=None, metadata={"deprecated": "give `left` alone"})


@dataclass(frozen=True, slots=True)
class DeprecatedOptions:
    """Options of which some are deprecated, at different depths."""

    depth: int = 3
    eta: int | None = field(default=None, metadata={"deprecated": "use `depth`"})
    weights: DeprecatedWeights = field(default_factory=DeprecatedWeights)
    layers: dict[str, DeprecatedWeights | None] | None = None


def build(*_: Any) -> Any:
    """Stand in for the function that builds a provider, which compilation never calls."""


def refuse_options(options: PickyOptions, problem: Problem) -> Iterable[Finding]:
    if options.depth > 8:
        yield Finding(("depth",), f"`depth` is {options.depth}, beyond 8", "give at most 8")
    for index, layer in enumerate(options.layers):
        if layer > 12:
            yield Finding(("layers", index), f"{layer} for {len(problem.space)} parameters")


def finalize(options: PickyOptions, problem: Problem) -> PickyOptions:
    return replace(options, layers=(options.depth, len(problem.space)))


def crash(_: NoOptions, __: Problem) -> NoReturn:
    raise ZeroDivisionError("a mistake of the plugin")


def fail_slots(_: NoOptions) -> Mapping[str, float]:
    raise ZeroDivisionError("no slots today")


def mind(options: PickyOptions, code: TrialCode) -> Iterable[Finding]:
    if options.depth > 8:
        yield Finding(("depth",), f"`depth` is {options.depth}, beyond 8", "give `depth=8`")
    for index, layer in enumerate(options.layers):
        text = f"machine {layer} idles while `{code.name}` runs"
        yield Finding(("layers", index), text, warning=True)


def settle(options: PickyOptions) -> PickyOptions:
    return replace(options, layers=(*options.layers, options.depth))


def refuse_to_settle(_: NoOptions) -> NoReturn:
    raise ZeroDivisionError("nothing is settled")


def list_packages(_: NoOptions) -> list[Package]:
    return [Package("json", "json"), Package("nowhere_to_be_found", "theirs[nowhere]")]


def refuse_roles(_: NoOptions, code: TrialCode) -> Iterable[Finding]:
    for role in code.roles:
        if role.name != "only":
            yield Finding(("roles", role.name), f"no role is to be `{role.name}`", "use `only`")


def bracket_with(*rungs: Rung) -> Callable[[NoOptions, Problem], list[Bracket]]:
    return lambda *_: [Bracket((Rung(1, 3), Rung(9, 1))), Bracket(rungs)]


class Stubs:
    """Offers providers that refuse_options options, domains, roles and platforms, or raise."""

    @hookimpl
    def sweep_tuners(self) -> list[TunerProvider[Any]]:
        return [
            TunerProvider("straight", NoOptions, build, searches=frozenset({Real, Integer})),
            TunerProvider("finite", NoOptions, build, finite_only=True),
            TunerProvider("climbing", NoOptions, build, uses_budget=True),
            TunerProvider("numeric", NoOptions, build, searches=frozenset({Real, Categorical})),
            TunerProvider("picky", PickyOptions, build, check=refuse_options),
            TunerProvider("needy", NeedyOptions, build),
            TunerProvider("crashing", NoOptions, build, check=crash),
            TunerProvider("settling", PickyOptions, build, finalize_options=finalize),
            TunerProvider("unsettled", NoOptions, build, finalize_options=crash),
            TunerProvider("sequential", NoOptions, build, max_concurrency=lambda *_: 1),
            TunerProvider("worn", DeprecatedOptions, build),
            TunerProvider("uncountable", NoOptions, build, ends_after=crash),
            TunerProvider("rungless", NoOptions, build, uses_budget=True, brackets=bracket_with()),
            TunerProvider(
                "trialless",
                NoOptions,
                build,
                uses_budget=True,
                brackets=bracket_with(Rung(1, 0)),
            ),
        ]

    @hookimpl
    def sweep_platforms(self) -> list[PlatformProvider[Any]]:
        return [
            PlatformProvider("tiny", NoOptions, build, slots=lambda _: {"cpu": 2.0}),
            PlatformProvider("vast", NoOptions, build, slots=lambda _: {"cpu": float("inf")}),
            PlatformProvider("sulky", NoOptions, build, slots=fail_slots),
            PlatformProvider(
                "queue", NoOptions, build, capabilities=frozenset({Capability.PYTHON})
            ),
            PlatformProvider("watchful", PickyOptions, build, check=mind, finalize_options=settle),
            PlatformProvider("public", NoOptions, build, secrets_help="use a safe"),
            PlatformProvider("wavering", NoOptions, build, finalize_options=refuse_to_settle),
        ]

    @hookimpl
    def sweep_frameworks(self) -> list[FrameworkProvider[Any]]:
        needs = frozenset({Capability.ROLES})
        return [
            FrameworkProvider("crowded", NoOptions, build, needs=needs),
            FrameworkProvider("lacking", NoOptions, build, packages=list_packages),
            FrameworkProvider("minding", NoOptions, build, check_code=refuse_roles),
        ]

    @hookimpl
    def sweep_assessors(self) -> list[AssessorProvider[Any]]:
        return [AssessorProvider("hasty", NoOptions, build)]


class Twin:
    """Offers a name that another plugin offers as well."""

    @hookimpl
    def sweep_tuners(self) -> list[TunerProvider[Any]]:
        return [TunerProvider("twin", NoOptions, build)]


class Broken:
    """Fails as soon as its hook is called."""

    @hookimpl
    def sweep_assessors(self) -> list[AssessorProvider[Any]]:
        raise ZeroDivisionError("a mistake of the plugin")


@cache
def registry() -> Registry:
    """Make the registry of the built-in plugins and these stubs, which never changes."""
    built_in = {entry.name: entry.load() for entry in entry_points(group="sweepwright")}
    return Registry.of(
        {
            **built_in,
            "test": Stubs(),
            "test.one": Twin(),
            "test.two": Twin(),
            "assessor.broken": Broken(),
        }
    )
