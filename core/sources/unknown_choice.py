"""Report a choice that a config group does not have, with those it has."""

from collections.abc import Sequence

from sweepwright.contracts import PluginError
from sweepwright.diagnostics import Code, Report, Span, did_you_mean

from ..registry import KINDS, DuplicateProvider, Registry, UnknownProvider

OWN = ("space", "trial")
"""Groups to which users, rather than plugins, bring their own."""


def report_unknown_choice(
    config_path: str, span: Span, known: Sequence[str], registry: Registry, report: Report
) -> None:
    """Say that nobody offers it; of a provider, blame the broken plugin that should."""
    group, _, name = config_path.rpartition("/")
    way_out = did_you_mean(name, list(known))
    try:
        if group in KINDS:
            registry.find(group, name)
    except UnknownProvider as unknown:
        way_out = way_out if _is_near(way_out) else unknown.help
    except DuplicateProvider as error:
        report.error(Code.DUPLICATE_PLUGIN, error.fact, span, help="uninstall one of them")
        return
    except PluginError as error:
        report.error(Code.BROKEN_PLUGIN, str(error), span)
        return
    if group in OWN and not _is_near(way_out):
        file = f"FOLDER/{group}/{name}.yaml"
        own = f"for one of your own write `{file}`, and give `--config-dir FOLDER`"
        way_out = f"{way_out}; {own}" if way_out else own
    listed = ", ".join(f"`{choice}`" for choice in sorted(known))
    notes = (f"`{group}` can be {listed}",) if _is_near(way_out) else ()
    message = f"no `{group}` is called `{name}`" if group else f"no config is called `{name}`"
    report.error(Code.UNKNOWN_CHOICE, message, span, notes=notes, help=way_out)


def _is_near(way_out: str | None) -> bool:
    return way_out is not None and way_out.startswith("did you mean")
