"""Normal scores of losses, and the way back."""

import numpy as np
import pytest

from sweepwright.plugins.tuners.forest.scores import normal_scores

Q = 0.9674215661017010  # the normal quantile of 5/6


def test_three_losses_by_hand() -> None:
    """Their scores are -Q, 0 and Q, whatever the losses."""
    found = normal_scores(np.array([7.0, -1e300, 7.5]))

    np.testing.assert_allclose(found.values, np.array([0, -1, 1]) * np.sqrt(1.5), atol=1e-12)


def test_equal_losses_have_equal_targets() -> None:
    found = normal_scores(np.array([1.0, 2.0, 1.0, np.inf, 2.0])).values

    assert found[0] == found[2] < found[1] == found[4]
    assert found[3] == found[1], "a failure counts as the worst loss"


@pytest.mark.parametrize("losses", [[5.0], [3.0, 3.0], [np.inf, np.inf]])
def test_without_differences_all_targets_are_0(losses: list[float]) -> None:
    assert (normal_scores(np.array(losses)).values == 0).all()


@pytest.mark.parametrize("scale", [1.0, 1e-300, 1e308])
def test_targets_lead_back_to_losses(scale: float) -> None:
    losses = scale * np.array([0.3, -1.0, 1.0, 0.1])
    scores = normal_scores(losses)
    middle = scores.losses_at(np.array([np.sort(scores.values)[:2].mean(), -99.0, 99.0]))

    np.testing.assert_allclose(scores.losses_at(scores.values), losses)
    np.testing.assert_allclose(middle, scale * np.array([-0.45, -1.0, 1.0]))
