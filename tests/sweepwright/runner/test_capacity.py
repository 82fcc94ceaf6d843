"""The capacity of the machine is what the sweep may use of it."""

import os

import pytest

from sweepwright.runner import capacity as module
from sweepwright.runner.capacity import count_capacity


def test_cpus_are_those_of_this_process() -> None:
    assert count_capacity().cpus == len(os.sched_getaffinity(0))


def test_cpus_are_those_of_the_machine_without_an_affinity(monkeypatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 6)

    assert count_capacity().cpus == 6


def test_given_capacities_replace_detected_ones() -> None:
    given = count_capacity(2.5, 3)

    assert given.cpus == 2.5
    assert given.gpus == ("0", "1", "2")
    assert count_capacity(None, ("GPU-a",)).gpus == ("GPU-a",)


@pytest.mark.parametrize(
    ("visible", "gpus"),
    [("0,2", ("0", "2")), ("", ()), ("-1", ()), ("1,-1,2", ("1",)), ("GPU-a, 3", ("GPU-a", "3"))],
)
def test_gpus_are_those_that_cuda_would_show(monkeypatch, visible, gpus) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)

    assert count_capacity().gpus == gpus


def test_gpus_are_those_of_the_nvidia_driver_by_default(monkeypatch, tmp_path) -> None:
    for slot in ("0000:01:00.0", "0000:02:00.0"):
        (tmp_path / slot).mkdir()
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(module, "_NVIDIA", tmp_path)

    assert count_capacity().gpus == ("0", "1")
