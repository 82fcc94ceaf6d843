"""Pictures of tuners searching, for their pages: trials in the order they came.

Usage: python benchmarks/pictures.py [tuner ...] [--into docs/tuners]

Without names, draws every tuner that has a page there. Any installed tuner can be named: it is
drawn with its defaults unless `PANELS` has more of it. The same versions draw the same again.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the parts are modules of `benchmarks`

from benchmarks.drawing.command import run

if __name__ == "__main__":
    run(__doc__)
