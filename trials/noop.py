"""A trial without training, for tests: it reports a number that depends on its assignment.

Equal assignments give equal numbers, from 0 to 1. ``--sleep=SECONDS`` makes the trial last longer.
``--fail=SHARE`` makes the given share of all assignments fail; equal assignments fail alike.
"""

from __future__ import annotations

import json
import sys
import time
from zlib import crc32

from sweepwright.trial import get_next_parameter, report_final_result


def main() -> None:
    """Sleep; then report the number, or fail if ``--fail`` says so for this assignment."""
    # Importing argparse takes longer than the rest of the trial, and a sweep may start thousands
    # of trials. So argparse is imported only if there are arguments.
    sleep, fail = _options() if len(sys.argv) > 1 else (0.0, 0.0)
    number = _number()
    time.sleep(sleep)
    if number < fail:
        raise RuntimeError(f"told to fail for {fail:g} of all assignments")
    report_final_result(number)


def _options() -> tuple[float, float]:
    from argparse import ArgumentParser  # noqa: PLC0415 - only if there are arguments

    parser = ArgumentParser(description="Report a number made of the assignment.")
    parser.add_argument("--sleep", type=float, default=0.0, help="seconds")
    parser.add_argument("--fail", type=float, default=0.0, help="share, from 0 to 1")
    options = parser.parse_args()
    return options.sleep, options.fail


def _number() -> float:
    return crc32(json.dumps(get_next_parameter(), sort_keys=True).encode()) / 2**32


if __name__ == "__main__":
    main()
