"""The race of tuners with budgets: ours beside the installed peers, on the same learning curves.

Usage: python benchmarks/fidelity.py --results DIR [--parts curves race busy asks] [--seeds 30]
           [--tuners random asha ...] [--problems 'lcbench/*' ...] [--processes 2] [--again asha]
       python benchmarks/fidelity.py --results DIR --parts race --report

Each race of a tuner on a problem with a seed is a line in DIR; a second start does only what is
missing. Peers need the extra `bench`, and `pip install syne-tune`; the surrogates of LCBench are
read from ``--surrogates``.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the parts are modules of `benchmarks`

from benchmarks.budgets.command import run

if __name__ == "__main__":
    run(__doc__)
