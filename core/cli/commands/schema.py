"""Print the JSON Schema of configuration files, for completion and checks in editors."""

from sweepwright.diagnostics import did_you_mean

from ...compiler.editor_schema.config import GROUPS, config_schema, group_schema
from ...registry.registry import Registry
from ...views.formatting import json_lines
from ...views.output import echo
from ..arguments import Arguments, UsageError


def main(arguments: Arguments) -> int:
    """Print the schema of the root of the configuration, or of the files in a config group."""
    group = arguments.group
    if group is not None and group not in GROUPS:
        raise UsageError(f"unknown config group `{group}`; {did_you_mean(group, list(GROUPS))}")
    registry = Registry.load()
    schema = group_schema(group, registry) if group else config_schema(registry)
    echo("\n".join(json_lines(schema)))
    return 0
