"""Command line of all trials on digits: parses arguments, loads data and prints errors."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sweepwright.trials.mnist.data import CheckpointError, DataError, Digits, as_pictures, load


@contextmanager
def clear_errors() -> Iterator[None]:
    """End the trial with a one-line message if data or a checkpoint are invalid."""
    try:
        yield
    except (DataError, CheckpointError) as error:
        raise SystemExit(f"error: {error}") from error


def load_pictures(description: str) -> Digits:
    """Load the digits that the command line names, with their images as pictures."""
    return as_pictures(load_digits(description))


def load_digits(description: str) -> Digits:
    """Load the digits that the command line names.

    Parameters
    ----------
    description : str
        Description of the trial, which ``--help`` prints.
    """
    parser = ArgumentParser(description=description)
    parser.add_argument("--data", help="folder of MNIST's IDX files; default: scikit-learn's")
    parser.add_argument(
        "--download",
        nargs="?",
        choices=["true", "false"],
        const="true",
        help="first download the files of MNIST that the folder lacks",
    )
    options = parser.parse_args()
    if options.download == "true":
        if options.data is None:
            parser.error("--download needs --data, the folder to fetch to")
        _download(Path(options.data))
    return load(options.data)


def _download(folder: Path) -> None:
    from sweepwright.trials.mnist.download import download  # noqa: PLC0415 - rarely needed

    download(folder)
