"""Print a document about the platform, such as the permissions that a sweep needs."""

from collections.abc import Sequence

from sweepwright.contracts import PlatformProvider
from sweepwright.diagnostics import did_you_mean

from ...compiler.compiler import compile_sweep
from ...driver.runtime import attribute_errors
from ...registry.options import build_options
from ...registry.registry import Registry
from ...views.output import echo
from ...views.yaml_text.object_yaml import object_yaml
from ..arguments import Arguments, UsageError
from ..error_handling import print_findings
from ..multirun import run_each


def main(arguments: Arguments) -> int:
    """Print the document for one sweep, or for one sweep per combination with ``-m``."""
    registry = Registry.load()
    return run_each(
        arguments, registry, lambda overrides: _print(overrides, registry, arguments.document)
    )


def _print(overrides: Sequence[str], registry: Registry, document: str) -> int:
    compiled = compile_sweep(overrides, registry)
    print_findings(compiled.warnings)
    plan = compiled.plan
    platform = registry.find("platform", plan.platform.name)
    if document not in platform.documents:
        raise UsageError(_unknown(document, platform))
    with attribute_errors(plan.platform):
        options = build_options(platform.options, plan.platform.options)
        objects = platform.documents[document](options, plan.code)
    echo("---\n".join(map(object_yaml, objects)).rstrip())
    return 0


def _unknown(document: str, platform: PlatformProvider[object]) -> str:
    if not platform.documents:
        return f"`platform={platform.name}` has no documents; choose another platform"
    hint = did_you_mean(document, list(platform.documents))
    return f"`platform={platform.name}` has no document `{document}`; {hint}"
