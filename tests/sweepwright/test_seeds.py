"""Draws have addresses: the same one gives the same draw, another gives another."""

import subprocess
import sys

from sweepwright.seeds import entropy, rng


def test_one_address_always_gives_the_same_draws() -> None:
    assert rng(3, "tuner", 7).random(4).tolist() == rng(3, "tuner", 7).random(4).tolist()


def test_different_addresses_give_different_draws() -> None:
    addresses = [
        (0, "tuner", 0),
        (1, "tuner", 0),
        (0, "trial", 0),
        (0, "tuner", 1),
        (1, "tuner", 1),
    ]

    assert len({rng(*address).random() for address in addresses}) == len(addresses)


def test_an_address_is_the_same_in_every_process() -> None:
    code = "from sweepwright.seeds import entropy; print(entropy(1, 'tuner', 2))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)

    assert int(told.stdout) == entropy(1, "tuner", 2)
    assert 0 <= entropy(1, "tuner", 2) < 2**128
