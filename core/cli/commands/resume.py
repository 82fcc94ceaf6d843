"""Resume a sweep from the end of its journal."""

from ...driver.sweep import resume_sweep
from ...plan.plan import Plan
from ...registry.registry import Registry
from ...views.display import choose_display
from ...views.output import echo_error
from ...views.summary import COMPLETED_SWEEP_STATES, resume_command
from ..arguments import Arguments, invocation
from ..conclude import conclude
from ..recorded_sweep import find_trusted_sweep


def main(arguments: Arguments) -> int:
    """Resume a sweep under its recorded limits, or under the limits that overrides set."""
    folder = find_trusted_sweep(arguments)
    overrides = [o for o in arguments.overrides if not o.startswith("store.path=")]
    registry = Registry.load()

    def revise(plan: Plan) -> Plan:
        # Overrides need Hydra's parser and the settings of the compiler, which take longer to
        # import than everything that a resume without overrides imports.
        from ..resume_overrides import revise_plan  # noqa: PLC0415 - said above

        return revise_plan(plan, overrides, registry)

    with choose_display(quiet=arguments.has("--quiet")) as display:
        outcome, history = resume_sweep(folder, registry, display, revise if overrides else None)
    code = conclude(outcome, history, quiet=arguments.has("--quiet"))
    if history.state in COMPLETED_SWEEP_STATES and not outcome.launched:
        command = resume_command(history, invocation())
        echo_error(f"nothing was left to do; for more trials: {command}")
    return code
