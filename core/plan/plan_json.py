"""Plans as JSON: how the journal stores them, and the fingerprint that identifies a sweep.

Keys are stable, because journals of earlier versions must remain readable. If a field was added
after the first release, `read_plan` has a default for it. A renamed field keeps its old key:
`nni_v0_format`, for example, is stored as ``oldest``.
"""

from collections.abc import Callable
from dataclasses import asdict
from hashlib import sha256

from sweepwright.contracts import (
    Bracket,
    Budget,
    Command,
    Entry,
    PythonFile,
    PythonModule,
    Role,
    Rung,
    TrialCode,
)
from sweepwright.events import FailureKind, Json
from sweepwright.protocol import dumps
from sweepwright.space.space_json import read_space, space_body

from .field_types import check_field_types
from .plan import Direction, Limits, Objective, Plan, Selection, StoppedAs


def fingerprint(plan: Plan) -> str:
    """Hash everything that identifies a sweep.

    The hash covers the space, tuner, assessor, objective, budget, framework, seed, and the trial's
    code with its source. It does not cover the limits, store, platform and paths, because results
    remain comparable when these change.
    """
    return sha256(dumps(fingerprinted(plan)).encode()).hexdigest()[:16]


def fingerprinted(plan: Plan) -> dict[str, Json]:
    """Return the part of a plan's JSON that its fingerprint covers.

    A key that was added after the first release is omitted while its value has no effect. The
    fingerprints of existing sweeps therefore stay the same.
    """
    body = plan_body(plan)
    code = {key: value for key, value in body["code"].items() if key != "folder"}
    if not plan.code.structure:
        del code["structure"]
    covered = ("space", "objective", "tuner", "assessor", "budget", "framework", "seed", "start")
    added = {"sampler": _without_distribution(body["sampler"])} if plan.sampler else {}
    if plan.assessor:
        added["stopped_as"] = plan.stopped_as.value
    return {
        **{key: _without_distribution(body[key]) for key in covered},
        **added,
        "code": code,
        "source": plan.source_hash,
        "reproducible": plan.reproducible,
        "oldest": plan.nni_v0_format,
    }


def _without_distribution(body: Json) -> Json:
    """Drop the distribution, so that a new release of a plugin does not change the fingerprint."""
    if isinstance(body, dict):
        return {key: value for key, value in body.items() if key != "distribution"}
    return body


def plan_body(plan: Plan) -> dict[str, Json]:
    """Convert a plan to JSON."""
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
        "shared": plan.shared,
        "reports_kept": plan.reports_kept,
        "overrides": list(plan.overrides),
    }


def read_plan(body: Json) -> Plan:
    """Read a plan from the JSON that `plan_body` returned; the inverse of `plan_body`.

    Raises
    ------
    TypeError, ValueError, LookupError, AttributeError
        If the JSON is not that of a plan.
    """
    dumps(body).encode()  # no JSON of ours has an infinity or half of a surrogate pair
    code = {**body["code"], "structure": tuple(body["code"].get("structure", ()))}
    plan = Plan(
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
        start=tuple(body.get("start", ())),
        nni_v0_format=body.get("oldest", False),
        brackets=tuple(map(_read_bracket, body.get("brackets", ()))),
        ends_after=body.get("ends_after"),
        limits=read_limits(body["limits"]),
        seed=body["seed"],
        reproducible=body["reproducible"],
        store=body["store"],
        shared=body.get("shared", False),
        reports_kept=body["reports_kept"],
        overrides=tuple(body["overrides"]),
    )
    for read in (plan, *plan.space.parameters):
        check_field_types(read)
    return plan


def limits_body(limits: Limits) -> dict[str, Json]:
    """Convert limits to JSON."""
    return {
        "max_trials": limits.max_trials,
        "max_duration": limits.max_duration,
        "concurrency": limits.concurrency,
        "trial_timeout": limits.trial_timeout,
        "retries": {kind.value: count for kind, count in limits.retries.items()},
        "drain_timeout": limits.drain_timeout,
    }


def read_limits(body: Json) -> Limits:
    """Read limits from the JSON that `limits_body` returned."""
    retries = {FailureKind(kind): count for kind, count in body["retries"].items()}
    # A limit that an old journal lacks has the default of `Limits`.
    return Limits(**{**body, "retries": retries})


_ENTRY_KINDS: dict[str, Callable[..., Entry]] = {
    "file": PythonFile,
    "module": PythonModule,
    "command": Command,
}


def _entry_body(entry: Entry) -> dict[str, Json]:
    kind = next(name for name, kind in _ENTRY_KINDS.items() if kind is type(entry))
    return {"kind": kind, **asdict(entry)}


def _read_role(body: Json) -> Role:
    entry = dict(body["entry"])
    kind = _ENTRY_KINDS[entry.pop("kind")]
    # JSON has no tuples, but the entry must equal the entry that was written.
    values = {key: tuple(v) if isinstance(v, list) else v for key, v in entry.items()}
    return Role(**{**body, "entry": kind(**values)})


def _read_bracket(body: Json) -> Bracket:
    return Bracket(tuple(Rung(**rung) for rung in body["rungs"]))
