"""The plan as a person reads it: section by section, without what nobody set."""

from collections.abc import Iterator, Sequence
from itertools import islice
from math import log10

from sweepwright.contracts import Command, Entry, PythonFile, PythonModule, Role
from sweepwright.events import Json
from sweepwright.expressions import Expression
from sweepwright.space import SHARE_DRAWS, Parameter, SearchSpace

from ..driver.branch_probabilities import Branch, Choice
from ..driver.preview import FirstTrial, Outlook
from ..plan.plan import Plan, Selection, StoppedAs
from ..plan.plan_json import fingerprint
from ..registry.options import show
from .cost_text import cost_rows, rung_rows
from .formatting import format_assignment, format_table, json_lines
from .progress import describe_plan

MOST_ROWS = 40
"""Rows of a section; those of a longer one are counted."""
LONGEST_DOMAIN = 60
MOST_VALUES = 24
"""Parameters of a first assignment."""
LONGEST_LINE = 10_000
"""Characters of a line; whoever needs more takes the JSON."""


def plan_text(outlook: Outlook) -> str:
    """Write what would run, from the space down to what the platform would be sent."""
    plan, first = outlook.plan, outlook.first_trial
    sections = [
        _section(f"space: {_size(plan.space)}", _aligned(_parameters(plan.space))),
        _section("derived values", _aligned(_derived(plan.space))),
        _section(_constrained(plan.space), _cut(map(str, plan.space.constraints))),
        _section("branches, with their prior probability", _cut(_tree(outlook.branches))),
        _section("parts", _aligned(_parts(plan))),
        _section("first assignments, before any result", _aligned(_first(outlook))),
        _section("rungs", _aligned(rung_rows(plan, outlook.brackets))),
        _section("cost at worst", _aligned(_cost(outlook))),
        _section("trial 0 by hand", first.by_hand),
        _section(f"trial 0 as sent to {plan.platform.name}", _sent(first)),
    ]
    head = f"plan {fingerprint(plan)}\n{describe_plan(plan)}"
    return "\n\n".join([head, *filter(None, sections)])


def _section(title: str, lines: Sequence[str]) -> str:
    return "\n".join([title, *(f"  {_bounded(line)}" for line in lines)]) if lines else ""


def _bounded(line: str) -> str:
    more = len(line) - LONGEST_LINE
    return line if more <= 0 else f"{line[:LONGEST_LINE]}… {more:,} more characters"


def _aligned(rows: Iterator[tuple[str, ...]]) -> list[str]:
    shown = list(islice(rows, MOST_ROWS))
    return [*(format_table(shown[0], shown[1:]) if shown else []), *_uncounted(rows)]


def _cut(lines: Iterator[str]) -> list[str]:
    return [*islice(lines, MOST_ROWS), *_uncounted(lines)]


def _uncounted(rest: Iterator[object]) -> list[str]:
    count = sum(1 for _ in rest)
    return [f"… and {count:,} more"] if count else []


def _size(space: SearchSpace) -> str:
    return f"{_counted(len(space), 'parameter')}, {_assignments(space)}"


def _assignments(space: SearchSpace) -> str:
    if space.size is None:
        return "continuous"
    most = "" if space.counted else "at most "
    if space.size < _COUNTABLE:
        return f"{most}{_counted(space.size, 'assignment')}"
    return f"{most}about 1e{log10(space.size):.0f} assignments"


_COUNTABLE = 10**12


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _parameters(space: SearchSpace) -> Iterator[tuple[str, ...]]:
    return map(_parameter, space.parameters)


def _parameter(parameter: Parameter) -> tuple[str, ...]:
    domain = str(parameter.domain)
    if len(domain) > LONGEST_DOMAIN:
        domain = f"{domain[: LONGEST_DOMAIN - 1]}…"
    default = "" if parameter.default is None else f"= {show(parameter.default)}"
    return parameter.name, domain, default, _when(parameter.condition)


def _derived(space: SearchSpace) -> Iterator[tuple[str, ...]]:
    for value in space.derived:
        yield value.name, str(value.expression), _when(value.condition)


def _when(condition: Expression | None) -> str:
    return "" if condition is None else f"when {condition}"


def _constrained(space: SearchSpace) -> str:
    """Say how much of the prior meets the constraints, as draws have it."""
    rare = f"less than {_percent(1 / SHARE_DRAWS)}"
    return f"constraints, met by {_estimate(space.share) if space.share else rare} of the prior"


def _tree(choices: Sequence[Choice]) -> Iterator[str]:
    """Draw nested choices, each branch below its choice."""
    for choice in choices:
        yield choice.parameter
        width = max(len(branch.name) for branch in choice.branches)
        for branch in choice.branches:
            last = branch is choice.branches[-1]
            yield f"{'└─' if last else '├─'} {branch.name:<{width}}  {_chance(branch)}"
            yield from (f"{'  ' if last else '│ '} {line}" for line in _tree(branch.choices))


def _chance(branch: Branch) -> str:
    if branch.probability is None:
        return "unknown"
    return (_estimate if branch.estimated else _percent)(branch.probability)


def _percent(share: float) -> str:
    return f"{share * 100:.3g} %"


def _estimate(share: float) -> str:
    """Write what draws came to, in as many digits as they are worth."""
    return f"~{share * 100:.2g} %"


def _parts(plan: Plan) -> Iterator[tuple[str, str]]:
    yield "tuner", _selected(plan.tuner)
    if plan.sampler:
        yield "sampler", _selected(plan.sampler)
    if plan.assessor:
        counts = f"a trial it stops counts as {_STOPPED[plan.stopped_as]}"
        yield "assessor", f"{_selected(plan.assessor)}; {counts}"
    yield "objective", f"{plan.objective.direction.value} {plan.objective.metric}"
    if plan.budget:
        low, high = f"{plan.budget.minimum:g}", f"{plan.budget.maximum:g}"
        yield "budget", f"{low} to {high} {plan.budget.unit}"
    yield "trial", f"{plan.code.name} in {plan.code.folder}"
    for role in plan.code.roles:
        yield role.name if len(plan.code.roles) > 1 else "runs", _role(role)
    yield "framework", _selected(plan.framework)
    yield "platform", _selected(plan.platform)
    yield "seed", f"{plan.seed}{', reproducible' if plan.reproducible else ''}"
    yield "store", plan.store


def _selected(selected: Selection) -> str:
    """Name a provider, with the options that say something, and who offers it if we do not."""
    said = [(name, value) for name, value in selected.options.items() if value not in _SILENT]
    options = ", ".join(f"{name}={show(value)}" for name, value in said)
    ours = selected.distribution.startswith("sweepwright ") or not selected.distribution
    source = "" if ours else f"  [{selected.distribution}]"
    return f"{selected.name}{f'({options})' if options else ''}{source}"


_STOPPED = {StoppedAs.WORST: "the worst", StoppedAs.LAST: "its last report"}
_SILENT: tuple[Json, ...] = (None, [], {})


def _role(role: Role) -> str:
    count = f"{role.replicas} x " if role.replicas > 1 else ""
    resources = "".join(f", {amount:g} {name}" for name, amount in role.resources.items())
    return f"{count}{_entry(role.entry)}{resources}"


def _entry(entry: Entry) -> str:
    match entry:
        case PythonFile(path, arguments):
            return " ".join(["python", path, *arguments])
        case PythonModule(name, arguments):
            return " ".join(["python -m", name, *arguments])
        case Command(argv):
            return " ".join(argv)


def _sent(first: FirstTrial) -> list[str]:
    return [] if first.submission is None else list(json_lines(first.submission))


def _cost(outlook: Outlook) -> Iterator[tuple[str, str]]:
    return cost_rows(outlook.plan, outlook.cost, rungs=bool(outlook.brackets))


def _first(outlook: Outlook) -> Iterator[tuple[str, str]]:
    given = len(outlook.plan.start)
    for number, assignment in enumerate(outlook.first):
        yield (
            f"trial {number}{', given' if number < given else ''}",
            format_assignment(assignment, MOST_VALUES),
        )
