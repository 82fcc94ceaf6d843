"""Providers: how a hook offers a tuner, an assessor, a platform or a framework by name.

A provider is data. The core reads its fields to compose, check and plan a sweep, and calls
`build` only when a sweep or its preview starts. Every function of a provider receives the
options as an instance of the dataclass `options`, checked against its types; whatever such a
function raises is reported under the name of its plugin.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from ..budgets import Bracket
from ..jobs import Capability, TrialCode
from ..space import Categorical, Domain, Integer, Nested, Normal, Ordinal, Real
from .protocols import Assessor, Framework, Platform, Problem, Tuner, Workspace

ALL_DOMAINS: frozenset[type[Domain]] = frozenset(
    {Real, Integer, Normal, Categorical, Ordinal, Nested}
)
"""Every kind of domain, for a tuner that searches them all."""

O = TypeVar("O")  # noqa: E741 - options


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault that a provider finds while the sweep compiles; becomes a diagnostic."""

    path: tuple[str | int, ...]
    """Keys from the provider's options down to the culprit."""
    message: str
    help: str | None = None


@dataclass(frozen=True, slots=True)
class Package:
    """A package that a trial imports and that may not be installed."""

    module: str
    """The name under which it is imported, without a dot."""
    install: str
    """The argument of ``pip install`` that installs it."""


@dataclass(frozen=True, slots=True)
class TunerProvider(Generic[O]):
    """A tuner that ``tuner=<name>`` selects."""

    name: str
    """Lower case letters, digits and underscores; unique among tuners."""
    options: type[O]
    """A dataclass: its fields are configuration keys, with their types and defaults."""
    build: Callable[..., Tuner]
    """Called as ``build(options, problem)`` whenever a sweep starts, resumes or is previewed; with
    `has_sampler`, as ``build(options, problem, sampler)``. Import heavy modules inside it."""
    summary: str = ""
    """One line for ``--help``."""
    searches: frozenset[type[Domain]] = ALL_DOMAINS
    """The kinds of domain that it can search; the compiler reports parameters of others."""
    finite_only: bool = False
    """Whether every domain must be finite; the compiler reports those that are not."""
    uses_budget: bool = False
    """Whether the sweep must have a budget. Such a tuner may promote trials; it puts promotions
    before new trials, because the sweep may want no more new trials."""
    has_sampler: bool = False
    """Whether another tuner chooses its assignments. The options `sampler` and
    `sampler_options` name that tuner, which must not use budgets and knows of none."""
    brackets: Callable[[O, Problem], Sequence[Bracket]] | None = None
    """Called as ``brackets(options, problem)`` while the sweep compiles, for tuners with budgets.
    Returns the brackets of one round in the order in which they begin, as if `max_trials` cut
    none short. The plan shows them; a few checks ask again with a changed budget or without
    `max_trials`. They do not control the sweep."""
    ends_after: Callable[[O, Problem], int | None] | None = None
    """Called as ``ends_after(options, problem)`` while the sweep compiles. Returns the number of
    trials after which the tuner has nothing left to suggest; None for no such end."""
    enumerates: bool = False
    """Whether it goes through the space in a fixed order, so that a sweep that is cut short has
    seen only one part of the space. The compiler warns of sweeps that never reach the end."""
    max_concurrency: Callable[[O, Problem], int | None] | None = None
    """Called as ``max_concurrency(options, problem)`` while the sweep compiles. Returns how many
    trials the tuner can have running at once; None for any number."""
    check: Callable[[O, Problem], Iterable[Finding]] | None = None
    """Called as ``check(options, problem)`` while the sweep compiles, once the space, the budget
    and the types of the options are without fault. Yields what is wrong with the options."""
    finalize_options: Callable[[O, Problem], O] | None = None
    """Called as ``finalize_options(options, problem)`` after all checks. Returns the options that
    the plan records, with the contents of files in place of their names and derived defaults
    filled in, so that a resume looks nothing up."""


@dataclass(frozen=True, slots=True)
class AssessorProvider(Generic[O]):
    """An assessor that ``assessor=<name>`` selects."""

    name: str
    """Lower case letters, digits and underscores; unique among assessors."""
    options: type[O]
    """A dataclass: its fields are configuration keys, with their types and defaults."""
    build: Callable[[O, Problem], Assessor]
    """Called as ``build(options, problem)`` whenever a sweep starts, resumes or is previewed.
    Import heavy modules inside it."""
    summary: str = ""
    """One line for ``--help``."""
    check: Callable[[O, Problem], Iterable[Finding]] | None = None
    """Called as ``check(options, problem)`` while the sweep compiles, once the space, the budget
    and the types of the options are without fault. Yields what is wrong with the options."""
    finalize_options: Callable[[O, Problem], O] | None = None
    """Called as ``finalize_options(options, problem)`` after all checks. Returns the options that
    the plan records, with derived defaults filled in, so that a resume looks nothing up."""


@dataclass(frozen=True, slots=True)
class PlatformProvider(Generic[O]):
    """A platform that ``platform=<name>`` selects."""

    name: str
    """Lower case letters, digits and underscores; unique among platforms."""
    options: type[O]
    """A dataclass: its fields are configuration keys, with their types and defaults."""
    build: Callable[[O, Workspace], Platform]
    """Called as ``build(options, workspace)`` whenever a sweep starts, resumes or is previewed.
    Import heavy modules inside it; start processes no earlier than the first launch."""
    summary: str = ""
    """One line for ``--help``."""
    slots: Callable[[O], Mapping[str, float]] | None = None
    """Called as ``slots(options)`` while the sweep compiles, to compare with what trials need,
    and at a resume that changes the platform's options. Returns how much of each resource there
    is; the platform does not know a resource that is missing here."""
    capabilities: frozenset[Capability] = frozenset(Capability)
    """What it can run: Python code, programs of any language, trials of several roles."""
    python: Callable[[O], str] | None = None
    """Called as ``python(options)`` while the sweep compiles, to look for the packages that
    a framework needs. Returns the interpreter that runs trials; leave it out if trials run on
    another machine."""


@dataclass(frozen=True, slots=True)
class FrameworkProvider(Generic[O]):
    """A framework that ``framework=<name>`` selects."""

    name: str
    """Lower case letters, digits and underscores; unique among frameworks."""
    options: type[O]
    """A dataclass: its fields are configuration keys, with their types and defaults."""
    build: Callable[[O], Framework]
    """Called as ``build(options)`` whenever a sweep starts, resumes or is previewed."""
    summary: str = ""
    """One line for ``--help``."""
    needs: frozenset[Capability] = frozenset()
    """What the platform must be able to run, besides what the trial's roles require."""
    packages: Callable[[O], Sequence[Package]] | None = None
    """Called as ``packages(options)`` while the sweep compiles, if trials run on this machine.
    Returns what must be installed for the interpreter that runs them."""
    check_code: Callable[[O, TrialCode], Iterable[Finding]] | None = None
    """Called as ``check_code(options, code)`` while the sweep compiles. Yields what is wrong with
    the trial's code, such as an unknown role; the paths of its findings begin below ``trial``."""


Provider: TypeAlias = (
    TunerProvider[Any] | AssessorProvider[Any] | PlatformProvider[Any] | FrameworkProvider[Any]
)
"""A provider of any kind."""
