"""Build spaces from names: ``model.net.width`` is in the branch ``net`` of ``model``."""

from collections.abc import Mapping

from sweepwright.space import Condition, Domain, Nested, Parameter, SearchSpace


def nested_space(domains: Mapping[str, Domain]) -> SearchSpace:
    """Build a space whose names alternate between keys and branches."""
    return SearchSpace(
        [
            Parameter(name, domain, tuple(name.split(".")[::2]), _branch(name, domains))
            for name, domain in domains.items()
        ]
    )


def _branch(name: str, domains: Mapping[str, Domain]) -> Condition | None:
    """Tell which branch of what a parameter is in."""
    parent, _, branch = name.rpartition(".")[0].rpartition(".")
    if not parent:
        return None
    domain = domains[parent]
    assert isinstance(domain, Nested)
    return Condition(parent, (domain.branches.index(branch),))
