"""What the trials on digits have in common: their arguments, and how they say what is wrong."""

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager

from sweepwright.trials.mnist.checkpoint import CheckpointError
from sweepwright.trials.mnist.data import DataError, Digits, as_pictures, load


@contextmanager
def clear_errors() -> Iterator[None]:
    """End the trial with one line where data or a checkpoint are not what they should be."""
    try:
        yield
    except (DataError, CheckpointError) as error:
        raise SystemExit(f"error: {error}") from error


def load_pictures(description: str) -> Digits:
    """Load the digits that the command line asks for, as pictures."""
    return as_pictures(load_digits(description))


def load_digits(description: str) -> Digits:
    """Load the digits that the command line asks for.

    Parameters
    ----------
    description : str
        What the trial does, for ``--help``.
    """
    parser = ArgumentParser(description=description)
    parser.add_argument("--data", help="folder of MNIST's IDX files; default: scikit-learn's")
    return load(parser.parse_args().data)
