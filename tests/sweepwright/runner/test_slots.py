"""Resources are granted completely, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweepwright.runner.capacity import Capacity
from sweepwright.runner.slots import Slots, describe_needs


@pytest.fixture
def slots():
    return Slots(Capacity(4.0, ("a", "b"), 1 << 30))


def test_a_job_without_needs_is_always_granted(slots) -> None:
    grant = slots.acquire([{}])

    assert grant is not None
    assert list(grant.shares) == [{}]
    assert slots.lacking([{}]) == ""


def test_every_lacking_resource_is_named(slots) -> None:
    needs = [{"cpu": 5, "gpu": 3, "memory": 1 << 31}]

    assert slots.acquire(needs) is None
    assert slots.lacking(needs) == "5 cpu and 2048 MiB of memory and 3 gpu"
    assert slots.impossible(needs) == slots.lacking(needs)


def test_acquired_resources_are_lacking_until_released(slots) -> None:
    grant = slots.acquire([{"cpu": 3}, {"gpu": 1}])
    assert grant is not None

    assert slots.lacking([{"cpu": 2}]) == "2 cpu"
    assert slots.lacking([{"gpu": 2}]) == "2 gpu"
    assert slots.impossible([{"cpu": 2}, {"gpu": 2}]) == ""
    slots.release(grant)
    assert slots.lacking([{"cpu": 4, "gpu": 2}]) == ""


def test_a_refused_request_reserves_nothing(slots) -> None:
    assert slots.acquire([{"cpu": 1, "gpu": 1}, {"gpu": 2}]) is None
    assert slots.lacking([{"cpu": 4, "gpu": 2}]) == ""


def test_shares_fill_one_gpu_before_another(slots) -> None:
    first, second = slots.acquire([{"gpu": 0.5}]), slots.acquire([{"gpu": 0.25}])
    assert first is not None
    assert second is not None

    assert [*first.shares[0]] == [*second.shares[0]]
    assert slots.lacking([{"gpu": 1}]) == ""


def test_ten_tenths_of_a_gpu_fit(slots) -> None:
    """Although in binary ten times 0.1 is less than 1, and three times 0.1 more than 0.3."""
    grants = [slots.acquire([{"gpu": 0.1, "cpu": 0.4}]) for _ in range(10)]

    assert all(grants)
    assert slots.lacking([{"gpu": 1}]) == ""
    assert slots.lacking([{"cpu": 0.1}]) == "0.1 cpu"


def test_an_unknown_resource_is_never_available(slots) -> None:
    assert slots.impossible([{"license": 1}]) == "1 license"


@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "cpu": st.floats(0, 4),
                "gpu": st.sampled_from([0.25, 0.5, 1.0, 2.0]),
            },
        ),
        max_size=12,
    )
)
def test_releasing_everything_frees_everything(needs) -> None:
    slots = Slots(Capacity(4.0, ("a", "b"), 1 << 30))
    grants = [grant for need in needs if (grant := slots.acquire([need]))]
    for grant in grants:
        slots.release(grant)

    assert slots.lacking([{"cpu": 4, "gpu": 2}]) == ""


def test_needs_are_described() -> None:
    assert describe_needs([{"cpu": 1}, {"cpu": 2, "gpu": 1}]) == "3 cpu and 1 gpu"
    assert describe_needs([{"cpu": 0}, {}]) == ""
