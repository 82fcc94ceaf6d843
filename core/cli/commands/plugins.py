"""List all plugins, what they offer, and which are broken."""

from ...registry.registry import Registry
from ...views.output import say
from ...views.summary import table
from ..arguments import Arguments


def main(_: Arguments) -> int:
    """Print a line for each plugin, then what is wrong with the broken ones."""
    registry = Registry.load()
    rows = [
        (p.name, p.distribution, p.version, p.state, " ".join(p.offers) or "-")
        for p in registry.plugins
    ]
    say("\n".join(table(("plugin", "distribution", "version", "state", "offers"), rows)))
    for plugin in registry.plugins:
        if plugin.error:
            say(f"\n{plugin}: {plugin.error}")
    return 0
