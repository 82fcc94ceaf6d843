"""Of every assignment of the ten layers a network is made, which has them and no other."""

from functools import partial
from typing import Any

import pytest

from sweepwright.core.compiler.compiler import compile_sweep
from sweepwright.core.registry.registry import Registry
from sweepwright.seeds import rng
from tests.late_import import import_late

MODULE = "sweepwright.trials.mnist.torch_nested"
torch = import_late("torch")
torch_nested = import_late(MODULE)
LAYERS = [f"layer{number}" for number in range(10)]
EMPTY = {name: {"_name": "Empty"} for name in LAYERS}
KINDS = {
    "Conv2d": "Conv",
    "MaxPool2d": "Max_pool",
    "AvgPool2d": "Avg_pool",
}


@pytest.fixture
def libraries(libraries: tuple[str, ...]) -> tuple[str, ...]:
    return (*libraries, "torch", "torch._dynamo")


@pytest.fixture
def sweep_trial(sweep_trial):
    return partial(sweep_trial, framework="pytorch")


def drawn(count: int) -> list[dict[str, Any]]:
    space = compile_sweep(["space=mnist_nested", "trial=noop"], Registry.load()).plan.space
    return space.decode(space.sample(rng(0, "layers"), count))


def made_of(network: Any) -> list[tuple[str, int]]:
    """Name the layers that a network has, and the size of each."""
    found = []
    for module in network.modules():
        if name := KINDS.get(type(module).__name__):
            size = module.kernel_size
            found.append((name, size[0] if isinstance(size, tuple) else size))
    return found


def test_each_network_has_its_layers_in_their_order() -> None:
    for assignment in drawn(50):
        chosen = [dict(assignment[name]) for name in LAYERS]
        named = [(layer.pop("_name"), *layer.values()) for layer in chosen]

        network = torch_nested.build_network(assignment)

        assert made_of(network) == [pair for pair in named if len(pair) == 2]


def test_each_network_maps_pictures_to_logits() -> None:
    for assignment in drawn(50):
        assert torch_nested.build_network(assignment)(torch.zeros(3, 1, 28, 28)).shape == (3, 10)


@pytest.mark.parametrize("kind", ["Max_pool", "Avg_pool"])
@pytest.mark.parametrize("size", [2, 3, 5])
def test_ten_poolings_leave_one_pixel(kind: str, size: int) -> None:
    network = torch_nested.build_network(
        {name: {"_name": kind, "pooling_size": size} for name in LAYERS}
    )

    assert network[:10](torch.zeros(3, 1, 28, 28)).shape == (3, 1, 1, 1)
    assert network(torch.zeros(3, 1, 28, 28)).shape == (3, 10)


@pytest.mark.parametrize("size", [2, 3, 5])
def test_ten_convolutions_keep_the_size_of_pictures(size: int) -> None:
    network = torch_nested.build_network(
        {name: {"_name": "Conv", "kernel_size": size} for name in LAYERS}
    )

    assert network[:10](torch.zeros(3, 1, 28, 28)).shape == (3, 8, 28, 28)


def test_empty_layers_add_nothing_to_the_network() -> None:
    assert made_of(torch_nested.build_network(EMPTY)) == []


def test_a_pooling_at_the_edge_averages_only_its_own_pixels() -> None:
    network = torch_nested.build_network(
        {**EMPTY, "layer0": {"_name": "Avg_pool", "pooling_size": 5}}
    )

    assert torch.allclose(network[0](torch.ones(1, 1, 28, 28)), torch.ones(1, 1, 6, 6))


def test_the_default_is_right_on_more_than_9_of_10_unseen_digits(sweep_trial) -> None:
    layers = {name: torch_nested.DEFAULTS[name] for name in LAYERS}
    lines = sweep_trial(MODULE, {**layers, "TRIAL_BUDGET": 4})

    assert [line.metrics.get("epoch") for line in lines] == [1, 2, 3, 4, None]
    assert lines[-1].metrics["default"] > 0.9
    assert lines[-1].metrics["test_accuracy"] > 0.9


@pytest.mark.ci_only
def test_a_promoted_trial_continues_from_its_checkpoint(sweep_trial, tmp_path) -> None:
    layers = {name: torch_nested.DEFAULTS[name] for name in LAYERS}
    kept = str(tmp_path / "kept")
    sweep_trial(MODULE, {**layers, "TRIAL_BUDGET": 1}, SWEEPWRIGHT_CHECKPOINTS=kept)
    promoted = sweep_trial(MODULE, {**layers, "TRIAL_BUDGET": 2}, SWEEPWRIGHT_INHERITED=kept)

    assert [line.metrics.get("epoch") for line in promoted] == [2, None]
