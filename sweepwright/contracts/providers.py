"""Providers: how a hook offers a tuner, an assessor, a platform or a framework by name.

A provider is data. The core reads its fields to compose, check and plan a sweep, and calls
`build` only when a sweep or its preview starts. Every function of a provider receives the
options as an instance of the dataclass `options`, whose types have been checked. If such a
function raises, the error is reported under the name of the plugin.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeAlias, TypeVar

from ..budgets import Bracket
from ..events import Json
from ..jobs import Capability, TrialCode
from ..space import Categorical, Domain, Integer, Nested, Normal, Ordinal, Real
from .attempt_files import AttemptFiles, AttemptRef
from .protocols import Assessor, Framework, Platform, Problem, Tuner, Workspace
from .shipment import Shipment

ALL_DOMAINS: frozenset[type[Domain]] = frozenset(
    {Real, Integer, Normal, Categorical, Ordinal, Nested}
)
"""All kinds of domain."""

O = TypeVar("O")  # noqa: E741 - options


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault that a provider finds before the first trial; it becomes a diagnostic."""

    path: tuple[str | int, ...]
    """Keys that lead from the provider's options down to the faulty value."""
    message: str
    help: str | None = None
    warning: bool = False
    """Whether the sweep can run in spite of the fault, for example without one of its machines."""


@dataclass(frozen=True, slots=True)
class Package:
    """A package that trials import, and that may be missing where they run."""

    module: str
    """Name of the top-level module, without a dot."""
    install: str
    """Argument of ``pip install`` that installs the package."""


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
    """Kinds of domain that the tuner can search; the compiler reports all other domains."""
    finite_only: bool = False
    """Whether every domain must be finite; the compiler reports every infinite domain."""
    uses_budget: bool = False
    """Whether the sweep must have a budget. Such a tuner may promote trials; it puts promotions
    before new trials, because the sweep may want no more new trials."""
    has_sampler: bool = False
    """Whether another tuner, the sampler, chooses the assignments. The options `sampler` and
    `sampler_options` select the sampler, which must not use budgets."""
    believes: bool = False
    """Whether the tuner can say what it believes: it has the method `belief` of `Believer`."""
    preload: Sequence[str] = ()
    """Full names of modules that are slow to import and that `ask` imports where it needs them.
    The driver imports them while the first trials run, so that no slot waits for them."""
    brackets: Callable[[O, Problem], Sequence[Bracket]] | None = None
    """Called as ``brackets(options, problem)`` while the sweep compiles, for tuners with budgets.
    Returns the complete brackets of one round, in the order in which they begin; `max_trials` does
    not shorten them. The plan shows the brackets, but they do not control the sweep. A few checks
    call this function again with another budget or without `max_trials`."""
    ends_after: Callable[[O, Problem], int | None] | None = None
    """Called as ``ends_after(options, problem)`` while the sweep compiles. Returns the number of
    trials after which the tuner has no more suggestions, or None if it never ends by itself."""
    enumerates: bool = False
    """Whether the tuner goes through the space in a fixed order, so that a shortened sweep sees
    only one part of the space. The compiler warns if the sweep cannot reach the end."""
    max_concurrency: Callable[[O, Problem], int | None] | None = None
    """Called as ``max_concurrency(options, problem)`` while the sweep compiles. Returns the
    maximum number of trials that the tuner can keep running at once, or None without a limit."""
    check: Callable[[O, Problem], Iterable[Finding]] | None = None
    """Called as ``check(options, problem)`` while the sweep compiles, if the space, the budget and
    the types of the options have no fault. Yields a finding for each fault in the options."""
    finalize_options: Callable[[O, Problem], O] | None = None
    """Called as ``finalize_options(options, problem)`` after all checks. Returns the options that
    the plan records: names of files are replaced by the files' contents, and derived defaults are
    filled in. So a resume needs only the plan."""


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
    """Called as ``check(options, problem)`` while the sweep compiles, if the space, the budget and
    the types of the options have no fault. Yields a finding for each fault in the options."""
    finalize_options: Callable[[O, Problem], O] | None = None
    """Called as ``finalize_options(options, problem)`` after all checks. Returns the options that
    the plan records, with derived defaults filled in, so that a resume needs only the plan."""


@dataclass(frozen=True, slots=True)
class ProbeRequest:
    """The facts of a sweep for which a platform looks at its machines."""

    code: TrialCode
    packages: Sequence[Package] = ()
    """Packages that the trials' interpreter must have, as the framework declares them."""
    folder: Path = Path()
    """The sweep's folder in the store, or the store's folder if the sweep does not exist yet."""
    resumed: bool = False
    """Whether an earlier driver has run the sweep, so that jobs of it may be running."""


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
    """Called as ``slots(options)`` while the sweep compiles, and at a resume that changes the
    platform's options. Returns the amount of each resource that the platform has, infinity if
    only the machines know it. The compiler compares them with the needs of trials, which cannot
    request any other resource."""
    capabilities: frozenset[Capability] = frozenset(Capability)
    """Capabilities of the platform: Python code, programs of any language, several roles."""
    python: Callable[[O], str] | None = None
    """Called as ``python(options)`` while the sweep compiles. Returns the interpreter that runs
    trials, in which the compiler looks for the packages that a framework needs. Omit this function
    if trials run on another machine."""
    check: Callable[[O, TrialCode], Iterable[Finding]] | None = None
    """Called as ``check(options, code)`` while the sweep compiles, if the trial and the types of
    the options have no fault. Yields a finding for each fault in the options, without a
    connection to any machine."""
    finalize_options: Callable[[O], O] | None = None
    """Called as ``finalize_options(options)`` after all checks. Returns the options that the plan
    records: the name of an inventory file is replaced by the machines in the file, and derived
    defaults are filled in. Because of this, a resume needs only the plan."""
    changeable: Collection[str] = ()
    """Names of options that a resume may change although they do not change the slots, because
    they only say where and how trials run, such as a list of machines. The options are checked and
    finalized again. A platform that finds the job of an earlier driver on a machine that it no
    longer has returns False from `Platform.reattach`."""
    shipment: Callable[[O, TrialCode], Shipment | None] | None = None
    """Called as ``shipment(options, code)`` when a sweep is previewed. Returns which files of the
    trial's folder would be sent, and to which machines, without a connection to any machine; None
    if the options say that nothing is sent. Omit this function if nothing is ever sent."""
    secrets_help: str | None = None
    """How to give trials a secret by reference, if submissions are stored where others can read
    them, as an API server does. The compiler then refuses secrets in the trial's environment and
    arguments, with this help. Omit it if nobody else can read submissions."""
    sweep_objects: Callable[[O, TrialCode, Workspace], Mapping[str, Json]] | None = None
    """Called as ``sweep_objects(options, code, workspace)`` by ``render``. Returns the objects
    that a sweep creates besides its jobs, by the name of the file to write them to, such as
    ``configmap``, in the order in which they are created. No connection is made. Omit this
    function if there are none."""
    launches_per_hour: Callable[[O], float | None] | None = None
    """Called as ``launches_per_hour(options)`` when a sweep is previewed. Returns how many jobs
    the platform starts in an hour at most, or None without a limit; the plan says how long the
    sweep takes at this rate. Omit this function if there is no limit."""
    documents: Mapping[str, Callable[[O, TrialCode], Sequence[Json]]] = field(default_factory=dict)
    """Documents about the platform, such as the permissions that a sweep needs, which
    ``sweepwright platform NAME`` prints as YAML. Each function is called as ``document(options,
    code)``."""
    probe: Callable[[O, ProbeRequest], Iterable[Finding]] | None = None
    """Called as ``probe(options, request)`` before a sweep begins, before it is resumed, and by
    ``check --connect``. Connects to the machines and checks that they have all that trials need.
    Yields a finding for each fault, which names the machine and says what to do; it is a warning
    if the sweep can run on the other machines. The call has no effect on jobs, and leaves nothing
    behind. Omit this function if trials run on this machine, where the compiler looks."""
    outlives: Callable[[O], bool] | None = None
    """Called as ``outlives(options)`` when a driver ends. Returns whether jobs go on after
    `Platform.close`, so that the driver cancels them when the user stops the sweep for good. Omit
    this function if jobs end with their driver."""
    open_files: Callable[[O, Workspace], AttemptFiles] | None = None
    """Called as ``open_files(options, workspace)`` to read the output, the checkpoints and other
    files of attempts, also while a driver runs the sweep. Raises `ConnectionError`, with a message
    of one line, if they cannot be reached. Omit this function if the files of attempts lie in the
    sweep's folder of the store, under ``trials/<trial>/<attempt>/``."""
    checkpoint_place: Callable[[O, Workspace, AttemptRef], str | None] | None = None
    """Called as ``checkpoint_place(options, workspace, attempt)`` by ``fetch``. Returns where the
    checkpoint of an attempt is kept if this machine cannot read it, for a person to read, such as
    ``the folder trials/3/1 on the volume data``; None if it is kept nowhere. Omit this function
    if checkpoints lie with the other files of attempts."""
    cleanup: Callable[[O, Workspace], Iterable[str]] | None = None
    """Called as ``cleanup(options, workspace)`` for a sweep that no driver runs. Ends all jobs of
    the sweep and removes its files outside the store. Yields a line for each thing done, and
    raises `ConnectionError`, with a message of one line, if a machine cannot be reached. A second
    call finds nothing to do. Omit this function if nothing is kept outside the store."""
    leftovers: Callable[..., int] | None = None
    """Called as ``leftovers(options, folder, sessions, end=False)`` for a sweep that no driver
    runs. `folder` is the sweep's folder, and `sessions` lists the values of `Workspace.session` of
    drivers that died on this machine since it started. Returns the number of processes that they
    left running on this machine; with ``end=True``, after ending them. Omit this function if jobs
    run on another machine."""


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
    kind: Callable[[O], str | None] | None = None
    """Called as ``kind(options)``. Returns the `Job.kind` of the framework's jobs, such as
    ``PyTorchJob``. Omit this function if its jobs have no kind."""
    needs: frozenset[Capability] = frozenset()
    """Capabilities that the platform must have, besides those that the trial's roles require."""
    packages: Callable[[O], Sequence[Package]] | None = None
    """Called as ``packages(options)`` while the sweep compiles, if trials run on this machine.
    Returns the packages that the interpreter of the trials must have."""
    check_code: Callable[[O, TrialCode], Iterable[Finding]] | None = None
    """Called as ``check_code(options, code)`` while the sweep compiles. Yields a finding
    for each fault in the trial's code, such as an unknown role. Paths begin below ``trial``."""


Provider: TypeAlias = (
    TunerProvider[Any] | AssessorProvider[Any] | PlatformProvider[Any] | FrameworkProvider[Any]
)
"""A provider of any kind."""
