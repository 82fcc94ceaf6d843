"""A trial that sleeps: it reports its loss, and when it did so, at regular moments.

``--seconds`` is its duration; it reports every tenth of that.
"""

import math
import time
from argparse import ArgumentParser

from sweepwright.trial import (
    get_next_parameter,
    report_final_result,
    report_intermediate_result,
)

REPORTS = 10


def main() -> None:
    """Sleep, and report the loss of the assignment."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0)
    pause = parser.parse_args().seconds / REPORTS
    parameters = get_next_parameter()
    loss = sum((parameters[f"x{i}"] - 0.1 * i) ** 2 for i in range(6))
    loss += (
        0.1 * (math.log10(parameters["rate"]) + 3) ** 2 + 0.02 * (parameters["layers"] - 4) ** 2
    )
    loss += {"relu": 0.0, "tanh": 0.1, "gelu": 0.05}[parameters["activation"]]
    for _ in range(REPORTS):
        time.sleep(pause)
        report_intermediate_result({"default": loss, "sent": time.time()})
    report_final_result({"default": loss, "sent": time.time()})


if __name__ == "__main__":
    main()
