"""The types between the passes: one frozen type a stage, the last of which is the plan."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sweepwright.contracts import (
    Bracket,
    Budget,
    Command,
    Entry,
    Problem,
    PythonFile,
    PythonModule,
    Role,
    Rung,
    TrialCode,
)
from sweepwright.events import Assignment, FailureKind, Json
from sweepwright.protocol import dumps
from sweepwright.space import SearchSpace
from sweepwright.space_json import read_space, space_body


class Direction(StrEnum):
    """Which way the objective is better."""

    MINIMIZE = "minimize"
    MAXIMIZE = "maximize"


@dataclass(frozen=True, slots=True)
class Objective:
    """The metric that is optimised, and which way."""

    metric: str = "default"
    """Its name in a trial's reports; a bare number is reported as ``default``."""
    direction: Direction = Direction.MAXIMIZE
    """Which way the metric is better."""

    def minimised(self, value: float) -> float:
        """Turn a metric into the value that tuners see, or such a value back."""
        return -value if self.direction is Direction.MAXIMIZE else value


class StoppedAs(StrEnum):
    """What a trial that an assessor stopped counts as for the tuner."""

    WORST = "worst"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Selection:
    """A provider that the sweep selected, with its options as plain data."""

    kind: str
    """``tuner``, ``assessor``, ``platform`` or ``framework``."""
    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    distribution: str = ""
    """The distribution that offers it, with its version, as in ``sweepwright 0.1.0``."""


NO_RETRIES: Mapping[FailureKind, int] = dict.fromkeys(FailureKind, 0)


@dataclass(frozen=True, slots=True)
class Limits:
    """What may change at a resume without making it another sweep."""

    max_trials: int | None = 20
    max_duration: float | None = None
    """Seconds that drivers may spend on the sweep in all."""
    concurrency: int = 2
    trial_timeout: float | None = None
    """Seconds for each attempt."""
    retries: Mapping[FailureKind, int] = field(default_factory=lambda: NO_RETRIES)
    """How many failed attempts of each class a trial may have and be tried again."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is needed to run a sweep: frozen, checked, serialisable."""

    space: SearchSpace
    objective: Objective
    tuner: Selection
    platform: Selection
    framework: Selection
    code: TrialCode
    source_hash: str = ""
    """Hash of the files that the trial's entries name."""
    sampler: Selection | None = None
    """The tuner that chooses assignments for `tuner`, where that one leaves it to another."""
    assessor: Selection | None = None
    stopped_as: StoppedAs = StoppedAs.WORST
    """What a stopped trial counts as for the tuner: the worst there is, or its last report."""
    budget: Budget | None = None
    start: tuple[Assignment, ...] = ()
    """What is tried before the tuner is asked."""
    nni_v0_format: bool = False
    """Whether trials receive assignments in the form that NNI had before its version 0.8."""
    brackets: tuple[Bracket, ...] = ()
    """What a tuner with budgets means to do, once through, for people to follow."""
    ends_after: int | None = None
    """After how many trials the tuner has nothing left, None for no such end."""
    limits: Limits = field(default_factory=Limits)
    seed: int = 0
    reproducible: bool = False
    store: str = "sweeps"
    reports_kept: int = 10_000
    """Reports of one trial that are kept before they are thinned."""
    overrides: tuple[str, ...] = ()
    """The overrides that the sweep was composed with, for the record."""

    @property
    def most_trials(self) -> int | None:
        """How many trials there will be at most, None for no end."""
        own = None if self.ends_after is None else self.ends_after + len(self.start)
        ends = [count for count in (own, self.limits.max_trials) if count is not None]
        return min(ends, default=None)

    @property
    def problem(self) -> Problem:
        """What the tuner is to solve."""
        limits = self.limits
        return Problem(
            self.space,
            self.seed,
            limits.concurrency,
            limits.max_trials,
            self.budget,
            self.start,
            self.code.structure,
            self.objective.direction is Direction.MAXIMIZE,
        )

    @property
    def fingerprint(self) -> str:
        """Hash of what makes it this sweep and no other.

        Covers space, tuner, assessor, objective, budget, trial code with its source,
        framework and seed; not store, paths, display, slots or time.
        """
        return sha256(dumps(fingerprinted(self)).encode()).hexdigest()[:16]


def fingerprinted(plan: Plan) -> dict[str, Json]:
    """List the parts of a plan that its fingerprint covers, as JSON."""
    body = plan_body(plan)
    code = {key: value for key, value in body["code"].items() if key != "folder"}
    if not plan.code.structure:
        del code["structure"]
    kept = ("space", "objective", "tuner", "assessor", "budget", "framework", "seed", "start")
    added = {"sampler": _anonymous(body["sampler"])} if plan.sampler else {}
    if plan.assessor:
        added["stopped_as"] = plan.stopped_as.value
    return {
        **{key: _anonymous(body[key]) for key in kept},
        **added,
        "code": code,
        "source": plan.source_hash,
        "reproducible": plan.reproducible,
        "oldest": plan.nni_v0_format,
    }


def plan_body(plan: Plan) -> dict[str, Json]:
    """Write a plan as JSON."""
    return {
        "space": space_body(plan.space),
        "objective": asdict(plan.objective),
        "tuner": asdict(plan.tuner),
        "platform": asdict(plan.platform),
        "framework": asdict(plan.framework),
        "sampler": asdict(plan.sampler) if plan.sampler else None,
        "assessor": asdict(plan.assessor) if plan.assessor else None,
        "stopped_as": plan.stopped_as.value,
        "budget": asdict(plan.budget) if plan.budget else None,
        "code": {
            **asdict(plan.code),
            "roles": [
                {**asdict(role), "entry": _entry_body(role.entry)} for role in plan.code.roles
            ],
        },
        "source_hash": plan.source_hash,
        "start": list(plan.start),
        "oldest": plan.nni_v0_format,
        "brackets": [asdict(bracket) for bracket in plan.brackets],
        "ends_after": plan.ends_after,
        "limits": limits_body(plan.limits),
        "seed": plan.seed,
        "reproducible": plan.reproducible,
        "store": plan.store,
        "reports_kept": plan.reports_kept,
        "overrides": list(plan.overrides),
    }


def limits_body(limits: Limits) -> dict[str, Json]:
    """Write limits as JSON."""
    return {
        "max_trials": limits.max_trials,
        "max_duration": limits.max_duration,
        "concurrency": limits.concurrency,
        "trial_timeout": limits.trial_timeout,
        "retries": {kind.value: count for kind, count in limits.retries.items()},
    }


def read_plan(body: Json) -> Plan:
    """Read a plan that `plan_body` wrote; inverse for every plan."""
    code = {**body["code"], "structure": tuple(body["code"].get("structure", ()))}
    return Plan(
        space=read_space(body["space"]),
        objective=Objective(
            body["objective"]["metric"], Direction(body["objective"]["direction"])
        ),
        tuner=Selection(**body["tuner"]),
        platform=Selection(**body["platform"]),
        framework=Selection(**body["framework"]),
        sampler=Selection(**body["sampler"]) if body.get("sampler") else None,
        assessor=Selection(**body["assessor"]) if body["assessor"] else None,
        stopped_as=StoppedAs(body.get("stopped_as", "worst")),
        budget=Budget(**body["budget"]) if body["budget"] else None,
        code=TrialCode(**{**code, "roles": tuple(map(_read_role, code["roles"]))}),
        source_hash=body["source_hash"],
        start=tuple(body.get("start", ())),  # absent from journals of the first format
        nni_v0_format=body.get("oldest", False),
        brackets=tuple(map(_read_bracket, body.get("brackets", ()))),
        ends_after=body.get("ends_after"),
        limits=read_limits(body["limits"]),
        seed=body["seed"],
        reproducible=body["reproducible"],
        store=body["store"],
        reports_kept=body["reports_kept"],
        overrides=tuple(body["overrides"]),
    )


def read_limits(body: Json) -> Limits:
    """Read limits that `limits_body` wrote."""
    retries = {FailureKind(kind): count for kind, count in body["retries"].items()}
    return Limits(**{**body, "retries": retries})


def _entry_body(entry: Entry) -> dict[str, Json]:
    names = {PythonFile: "file", PythonModule: "module", Command: "command"}
    return {"kind": names[type(entry)], **asdict(entry)}


def _read_bracket(body: Json) -> Bracket:
    return Bracket(tuple(Rung(**rung) for rung in body["rungs"]))


def _read_role(body: Json) -> Role:
    entry = dict(body["entry"])
    kinds: dict[str, Callable[..., Entry]] = {
        "file": PythonFile,
        "module": PythonModule,
        "command": Command,
    }
    kind = kinds[entry.pop("kind")]
    values = {key: tuple(v) if isinstance(v, list) else v for key, v in entry.items()}
    return Role(**{**body, "entry": kind(**values)})


def _anonymous(body: Json) -> Json:
    """Drop who offers a provider: a new release of a plugin is no other sweep."""
    if isinstance(body, dict):
        return {key: value for key, value in body.items() if key != "distribution"}
    return body
