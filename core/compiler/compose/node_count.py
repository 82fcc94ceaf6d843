"""The number of YAML nodes in a file, which aliases can multiply until the memory is exhausted."""

import os

from yaml.nodes import MappingNode, Node, ScalarNode

from sweepwright.diagnostics import Code, Report

from ..yaml_spans import YamlDocument
from .hydra_compat import LIMITS_ALIASES, NODE_LIMIT

LIMIT = "OMEGACONF_MAX_YAML_EXPANDED_NODES"
"""Environment variable that sets the limit of OmegaConf 2.4. It also replaces `NODE_LIMIT`."""

SMALL, RATIO = 1_000, 100
"""Two limits of OmegaConf 2.4: expanded nodes per file, and expanded nodes per written node.

OmegaConf rejects a file if its aliases make it exceed both limits.
"""


def check_node_count(document: YamlDocument, config_path: str, report: Report) -> bool:
    """Tell whether a file has few enough YAML nodes; report the file if it has too many."""
    root, limit = document.root, _limit()
    if root is None or limit is None:
        return True
    expanded, written = _count(root.node)
    repeated = LIMITS_ALIASES and expanded > SMALL and expanded > written * RATIO
    if expanded <= limit and not repeated:
        return True
    message = f"`{config_path}` has {expanded:,} YAML nodes, above the limit of {limit:,}"
    if repeated and expanded <= limit:
        message = f"the aliases of `{config_path}` repeat its YAML nodes over {RATIO} times"
    aliases = f"the file contains {written:,} nodes; aliases repeat them"
    report.error(
        Code.TOO_MANY_NODES,
        message,
        root.value,
        notes=(aliases,) if expanded > written else (),
        help=_suggest_limit(expanded, written),
    )
    return False


def _suggest_limit(expanded: int, written: int) -> str:
    if expanded > written * RATIO:
        return f"if this is intended set `{LIMIT}=none` in the environment"
    return f"split it into several files, or set `{LIMIT}={expanded}` in the environment"


def _limit() -> int | None:
    """Return the limit on nodes; return None if the environment variable removes the limit."""
    value = os.environ.get(LIMIT, "").strip()
    if value.lower() == "none":
        return None
    return int(value) if value.isdecimal() else NODE_LIMIT


def _count(root: Node) -> tuple[int, int]:
    """Count the nodes twice: with every alias expanded, and as written in the file."""
    # Maps from each node to its expanded size. An alias is the same object as its anchor, so an
    # alias costs one look-up.
    sizes: dict[int, int] = {}

    def size(node: Node) -> int:
        if id(node) not in sizes:
            sizes[id(node)] = 0  # ends the recursion at an alias within its own anchor
            sizes[id(node)] = 1 + sum(map(size, _children(node)))
        return sizes[id(node)]

    try:
        return size(root), len(sizes)
    except RecursionError:
        return 0, 0  # loading the file will report that it is nested too deeply


def _children(node: Node) -> list[Node]:
    if isinstance(node, ScalarNode):
        return []
    if isinstance(node, MappingNode):
        return [child for pair in node.value for child in pair]
    return list(node.value)
