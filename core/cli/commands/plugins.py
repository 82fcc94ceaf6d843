"""List the installed plugins, what they offer, and which are broken."""

from ...registry.registry import Registry
from ...views.formatting import format_table
from ...views.output import echo
from ..arguments import Arguments


def main(_: Arguments) -> int:
    """Print one line per plugin, and then the error of each broken plugin."""
    registry = Registry.load()
    rows = [
        (p.name, p.distribution, p.version, p.state, " ".join(p.offers) or "-")
        for p in registry.plugins
    ]
    head = ("plugin", "distribution", "version", "state", "offers")
    echo("\n".join(format_table(head, rows)))
    for plugin in registry.plugins:
        if plugin.error:
            echo(f"\n{plugin}: {plugin.error}")
    return 0
