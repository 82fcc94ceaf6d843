"""Gains in closed form are those of processes that are conditioned anew."""

import numpy as np
import pytest

from sweepwright.plugins.tuners.gaussian_process.fit import Hyperparameters
from sweepwright.plugins.tuners.gaussian_process.kernels import Floats
from sweepwright.plugins.tuners.gaussian_process.posterior import condition, factorise
from sweepwright.plugins.tuners.gaussian_process.process import Covariance, Process
from sweepwright.plugins.tuners.information_gain.doubts import Doubt, gains_of_doubts
from sweepwright.plugins.tuners.information_gain.gain import WEIGHTS, information_gain
from sweepwright.seeds import rng

COVARIANCE = Covariance(Hyperparameters(np.array([0.3, 0.8]), 1.3, 0.05), np.array([0, 1]))


def conditioned(points: Floats, targets: Floats) -> Process:
    scaled = COVARIANCE.scaled(points)
    posterior = condition(factorise(COVARIANCE.of_observations(scaled)), targets)
    return Process(COVARIANCE, scaled, posterior)


def example() -> tuple[Floats, Floats]:
    draws = rng(0, "example")
    return draws.random((15, 2)), draws.standard_normal(15)


def test_the_gain_is_that_of_processes_with_the_imagined_measurements() -> None:
    points, targets = example()
    candidates = rng(1, "candidates").random((6, 2))
    process, everything = conditioned(points, targets), np.concatenate([points, candidates])
    means = process.mean(everything)
    mean, variance = process.predict(candidates)
    deviations = np.sqrt(variance + process.noise)

    gains = information_gain(means, process.covariances(everything, candidates) / deviations)

    def lowest_after(index: int, measurement: float) -> float:
        more = np.concatenate([points, candidates[[index]]])
        after = conditioned(more, np.append(targets, measurement))
        return float(after.mean(everything).min())

    for index in range(6):
        expected = 0.0
        for distance, weight in WEIGHTS.items():
            ends = mean[index] + distance * deviations[index] * np.array([-1, 1])
            after = np.mean([lowest_after(index, end) for end in ends])
            expected += weight * (means.min() - after)
        assert gains[index] == pytest.approx(expected, abs=1e-9)
    assert gains.max() > 0.01


def test_the_gain_of_a_doubt_is_that_of_a_process_without_the_measurement() -> None:
    points, targets = example()
    targets[4] = -6.0
    process = conditioned(points, targets)
    differences, _ = process.posterior.leave_one_out()
    doubts = [Doubt(i, i, float(differences[i]), "") for i in (4, 9)]

    gains = gains_of_doubts(doubts, process.mean(points), process.influences(points))

    for doubt, gain in zip(doubts, gains, strict=True):
        others = np.arange(15) != doubt.index
        without = conditioned(points[others], targets[others])
        prediction = float(without.mean(points[[doubt.index]])[0])
        ends = []
        for sign in (-1, 1):
            imagined = targets.copy()
            imagined[doubt.index] = prediction + sign * doubt.difference
            ends.append(conditioned(points, imagined).mean(points).min())
        assert gain == pytest.approx(without.mean(points).min() - np.mean(ends), abs=1e-9)
    assert gains[0] > 1 > gains[1]
