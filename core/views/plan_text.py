"""The preview of a plan as text, in sections. Settings that have no effect are omitted."""

from collections.abc import Iterator, Sequence
from itertools import islice
from math import log10

from sweepwright.contracts import Command, Entry, PythonFile, PythonModule, Role, Shipment
from sweepwright.diagnostics import plural
from sweepwright.events import Json
from sweepwright.expressions import Expression
from sweepwright.space import Parameter, SearchSpace
from sweepwright.space.search_space import SHARE_DRAWS

from ..driver.preview.branch_probabilities import Branch, NestedChoice
from ..driver.preview.preview import PlanPreview
from ..plan.plan import Objective, Plan, Selection, StoppedAs
from ..plan.plan_json import fingerprint
from ..plan.redaction import mask_body
from ..registry.options import show
from .cost_text import cost_rows, rung_rows
from .formatting import format_assignment, format_bytes, format_domain, format_table, json_lines
from .output import escape_controls
from .progress import describe_plan

MAX_ROWS = 40
"""Largest number of rows that a section shows. Further rows are counted."""
MAX_DOMAIN_WIDTH = 60
MAX_FILES = 5
"""Number of files that are shown of those which are sent, the largest first."""
MAX_VALUES = 24
"""Largest number of parameters that are shown for a first assignment. Further parameters are
counted."""
MAX_LINE = 10_000
"""Largest number of characters in a line of text. The JSON output contains the complete text."""
COUNTABLE = 10**12
"""Spaces with at least this number of assignments are described by the order of magnitude."""


def plan_text(preview: PlanPreview) -> str:
    """Format a preview, from the search space down to the submission of the first trial."""
    plan, first = preview.plan, preview.first_trial
    submission = [] if first.submission is None else list(json_lines(first.submission))
    sections = [
        _section(f"space: {_size(plan.space)}", _table(map(_parameter, plan.space.parameters))),
        _section("derived values", _table(_derived(plan.space))),
        _section(_constraints_title(plan.space), _limit(map(str, plan.space.constraints))),
        _section("branches, with their prior probability", _limit(_tree(preview.branches))),
        _section("components", _table(_components(plan))),
        _section("first assignments, before any result", _table(_first(preview))),
        _section("rungs, with the budget that their trials spend", _table(rung_rows(plan))),
        _section("worst-case cost", _table(cost_rows(plan, preview.cost))),
        *_shipment_sections(preview.shipment),
        _section("trial 0 as a command", first.commands),
        _section(f"trial 0 as submitted to {plan.platform.name}", submission),
    ]
    head = f"plan {fingerprint(plan)}\n{describe_plan(plan)}"
    return "\n\n".join([head, *filter(None, sections)])


def _section(title: str, lines: Sequence[str]) -> str:
    return "\n".join([title, *(f"  {_shorten(line)}" for line in lines)]) if lines else ""


def _shorten(line: str) -> str:
    hidden = len(line) - MAX_LINE
    return line if hidden <= 0 else f"{line[:MAX_LINE]}… {hidden:,} more characters"


def _table(rows: Iterator[tuple[str, ...]]) -> list[str]:
    shown = list(islice(rows, MAX_ROWS))
    return [*(format_table(shown[0], shown[1:]) if shown else []), *_count_rest(rows)]


def _limit(lines: Iterator[str]) -> list[str]:
    return [*islice(lines, MAX_ROWS), *_count_rest(lines)]


def _count_rest(rest: Iterator[object]) -> list[str]:
    count = sum(1 for _ in rest)
    return [f"… and {count:,} more"] if count else []


def _size(space: SearchSpace) -> str:
    return f"{plural(len(space), 'parameter')}, {_assignments(space)}"


def _assignments(space: SearchSpace) -> str:
    if space.size is None:
        return "continuous"
    bound = "" if space.counted else "at most "
    if space.size < COUNTABLE:
        return f"{bound}{plural(space.size, 'assignment')}"
    return f"{bound}about 1e{log10(space.size):.0f} assignments"


def _parameter(parameter: Parameter) -> tuple[str, ...]:
    domain = format_domain(parameter)
    if len(domain) > MAX_DOMAIN_WIDTH:
        domain = f"{domain[: MAX_DOMAIN_WIDTH - 1]}…"
    shown = mask_body(parameter.default, parameter.name)
    default = "" if shown is None else f"= {show(shown)}"
    return parameter.name, domain, default, _when(parameter.condition)


def _derived(space: SearchSpace) -> Iterator[tuple[str, ...]]:
    for value in space.derived:
        yield value.name, str(value.expression), _when(value.condition)


def _when(condition: Expression | None) -> str:
    return "" if condition is None else f"when {condition}"


def _constraints_title(space: SearchSpace) -> str:
    # If the estimated share is 0, no draw satisfied the constraints. In that case, show the
    # smallest share that this number of draws can detect.
    share = _estimate(space.share) if space.share else f"less than {_percent(1 / SHARE_DRAWS)}"
    return f"constraints, satisfied by {share} of the prior"


def _tree(choices: Sequence[NestedChoice]) -> Iterator[str]:
    """Format nested choices as a tree, with the branches of a choice below the choice."""
    for choice in choices:
        yield choice.parameter
        width = max(len(branch.name) for branch in choice.branches)
        for branch in choice.branches:
            last = branch is choice.branches[-1]
            yield f"{'└─' if last else '├─'} {branch.name:<{width}}  {_probability(branch)}"
            yield from (f"{'  ' if last else '│ '} {line}" for line in _tree(branch.choices))


def _probability(branch: Branch) -> str:
    if branch.probability is None:
        return "unknown"
    return (_estimate if branch.estimated else _percent)(branch.probability)


def _percent(share: float) -> str:
    return f"{share * 100:.3g} %"


def _estimate(share: float) -> str:
    # Show two digits, because the standard error of the estimate is up to half a percentage point.
    return f"~{share * 100:.2g} %"


def _components(plan: Plan) -> Iterator[tuple[str, str]]:
    yield "tuner", _selection(plan.tuner)
    if plan.sampler:
        yield "sampler", _selection(plan.sampler)
    if plan.assessor:
        value = _STOPPED[plan.stopped_as]
        yield "assessor", f"{_selection(plan.assessor)}; a stopped trial counts as {value}"
    yield "objective", _objective(plan.objective)
    if plan.budget:
        low, high = f"{plan.budget.minimum:g}", f"{plan.budget.maximum:g}"
        yield "budget", f"{low} to {high} {plan.budget.unit}"
    yield "trial", f"{plan.code.name} in {plan.code.folder}"
    for role in plan.code.roles:
        yield role.name if len(plan.code.roles) > 1 else "runs", _role(role)
    yield "framework", _selection(plan.framework)
    yield "platform", _selection(plan.platform)
    yield "seed", f"{plan.seed}{', reproducible' if plan.reproducible else ''}"
    yield "store", plan.store


def _objective(objective: Objective) -> str:
    # NNI calls the metric `default` if a trial reports a bare number.
    metric = "the reported result" if objective.metric == "default" else objective.metric
    return f"{objective.direction.value} {metric}"


def _selection(selection: Selection) -> str:
    """Format a provider, its options, and its distribution unless that is sweepwright."""
    given = _without_unset(mask_body(selection.options))
    listed = ", ".join(f"{name}={show(value)}" for name, value in given.items())
    ours = selection.distribution.startswith("sweepwright ") or not selection.distribution
    source = "" if ours else f"  [{selection.distribution}]"
    return f"{selection.name}{f'({listed})' if listed else ''}{source}"


def _without_unset(value: Json) -> Json:
    """Leave out the options that are not set, also those of each machine in a list."""
    match value:
        case dict():
            kept = ((name, _without_unset(inner)) for name, inner in value.items())
            return {name: inner for name, inner in kept if inner not in _UNSET}
        case list():
            return [_without_unset(inner) for inner in value]
        case _:
            return value


_STOPPED = {StoppedAs.WORST: "the worst", StoppedAs.LAST: "its last report"}
_UNSET: tuple[Json, ...] = (None, [], {})


def _role(role: Role) -> str:
    count = f"{role.replicas} x " if role.replicas > 1 else ""
    resources = "".join(f", {amount:g} {name}" for name, amount in role.resources.items())
    return f"{count}{_entry(role.entry)}{resources}"


def _entry(entry: Entry) -> str:
    match entry:
        case PythonFile(path, arguments):
            return " ".join(["python", path, *mask_body(arguments)])
        case PythonModule(name, arguments):
            return " ".join(["python -m", name, *mask_body(arguments)])
        case Command(argv):
            return " ".join(mask_body(argv))


def _first(preview: PlanPreview) -> Iterator[tuple[str, str]]:
    given = len(preview.plan.start)
    for number, assignment in enumerate(preview.first):
        yield (
            f"trial {number}{', from start' if number < given else ''}",
            format_assignment(assignment, MAX_VALUES),
        )


def _shipment_sections(shipment: Shipment | None) -> Iterator[str]:
    """Format what is sent to other machines, and what is kept back although it lies there."""
    if shipment is None:
        return
    count = f"{plural(len(shipment.files), 'file')}, {format_bytes(shipment.size)}"
    title = f"sent to run the trials: {count}"
    yield _section(title, _table(_shipped(shipment)))
    secrets = ((escape_controls(s.path), s.reason) for s in shipment.withheld)
    yield _section("secrets that are not sent", _table(secrets))
    secrets = ((escape_controls(s.path), s.reason) for s in shipment.permitted)
    yield _section("secrets that are sent, because `.sweepignore` names them", _table(secrets))


def _shipped(shipment: Shipment) -> Iterator[tuple[str, str]]:
    yield "to", ", ".join(shipment.targets)
    largest = sorted(shipment.files, key=lambda file: (-file.size, file.path))
    for number, file in enumerate(largest[:MAX_FILES]):
        label = "" if number else "largest"
        yield label, f"{format_bytes(file.size):>10}  {escape_controls(file.path)}"
