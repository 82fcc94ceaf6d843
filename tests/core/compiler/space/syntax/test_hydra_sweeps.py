"""A sweep of Hydra's is converted as a whole: none of its casts, tags or arguments is lost."""

import pytest

from sweepwright.core.compiler.space.syntax.hydra_sweeps import CASTS
from sweepwright.domains import Normal
from tests.core.compiler.space.syntax.drafting import drafts

WRAPPERS = ("{}", *(f"{cast}({{}})" for cast in CASTS), "tag(log, {})", "sort({})")
INNER = (
    *("uniform(2, 8, 2)", "loguniform(1, 8)", "interval(1, 8)", "int(1, 8)", "range(1, 9, 2)"),
    *("normal(1, 8)", "lognormal(1, 8, 2)", "choice(1, 0.5)", "ordinal(0, 1)"),
)


@pytest.mark.parametrize("inner", INNER)
@pytest.mark.parametrize("cast", CASTS)
def test_a_cast_gives_values_of_its_type_or_a_finding(cast: str, inner: str) -> None:
    drafted, found = drafts(f"x: {cast}({inner})")

    assert drafted.complete == (not found)
    for draft in drafted.parameters:
        domain = draft.parameter.domain
        number = domain.mean if isinstance(domain, Normal) else getattr(domain, "low", 0)
        assert type(domain.value(number)).__name__ == cast


@pytest.mark.parametrize("outer", WRAPPERS)
@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_an_unknown_argument_is_reported_at_any_depth(outer: str, wrapper: str) -> None:
    for inner in INNER:
        call = outer.format(wrapper.format(inner))
        for end, character in enumerate(call):
            if character == ")":
                text = f"{call[:end]}, bogus=1{call[end:]}"
                assert drafts(f'x: "{text}"')[1], text
