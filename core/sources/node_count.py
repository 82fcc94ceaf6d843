"""Node count: how many YAML nodes a file has, of which only so many are read."""

import os

from yaml.nodes import MappingNode, Node, ScalarNode

from sweepwright.diagnostics import Code, Report

from ..marks import Page
from .versions import LIMITS_ALIASES, NODE_LIMIT

LIMIT = "OMEGACONF_MAX_YAML_EXPANDED_NODES"
"""Environment variable with which OmegaConf 2.4 lets its limit be set, and we ours."""

SMALL, RATIO = 1_000, 100
"""How many nodes, and how many for each that is written, OmegaConf 2.4 allows aliases to make."""


def has_too_many_nodes(page: Page, config_path: str, report: Report) -> bool:
    """Tell whether a file has more nodes than are read, and report it if so."""
    mark, limit = page.mark, _limit()
    if mark is None or limit is None:
        return False
    nodes, written = _count(mark.node)
    repeated = LIMITS_ALIASES and nodes > SMALL and nodes > written * RATIO
    if nodes <= limit and not repeated:
        return False
    message = f"`{config_path}` has {nodes:,} YAML nodes, more than are read"
    notes = (f"{written:,} are written, and aliases repeat them",) if nodes > written else ()
    way_out = _way_out(nodes, written)
    report.error(Code.TOO_MANY_NODES, message, mark.value, notes=notes, help=way_out)
    return True


def _way_out(nodes: int, written: int) -> str:
    if nodes > written * RATIO:
        return f"if that is meant set `{LIMIT}=none` in the environment"
    return f"spread it over several files, or set `{LIMIT}={nodes}` in the environment"


def _limit() -> int | None:
    given = os.environ.get(LIMIT, "").strip()
    if given.lower() == "none":
        return None
    return int(given) if given.isdecimal() else NODE_LIMIT


def _count(root: Node) -> tuple[int, int]:
    """Count the nodes with aliases written out, and as they are written."""
    sizes: dict[int, int] = {}

    def size(node: Node) -> int:
        if id(node) not in sizes:
            sizes[id(node)] = 0  # an alias inside of its own anchor, which nobody can read
            sizes[id(node)] = 1 + sum(map(size, _inside(node)))
        return sizes[id(node)]

    try:
        return size(root), len(sizes)
    except RecursionError:
        return 0, 0  # nested too deeply to be read at all


def _inside(node: Node) -> list[Node]:
    if isinstance(node, ScalarNode):
        return []
    if isinstance(node, MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value)
