"""Variables in commands and values, as Kubernetes expands them."""

import pytest

from sweepwright.testing.kubernetes.cluster.kubelet.expansion import expand


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("$(A)-$(B)", "1-2"),
        ("$$(A)", "$(A)"),
        ("$$$(A)", "$1"),
        ("$(MISSING)", "$(MISSING)"),
        ("$A ${A} $", "$A ${A} $"),
        ("a$$b", "a$b"),
        ("$(A", "$(A"),
        ("$()", "$()"),
        ("\\u0024(A)", "\\u0024(A)"),
    ],
)
def test_only_references_to_known_variables_are_replaced(text: str, expanded: str):
    assert expand(text, {"A": "1", "B": "2"}) == expanded
