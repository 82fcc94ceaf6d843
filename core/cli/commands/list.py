"""List the sweeps in the store."""

from ...store.catalog import Store
from ...views.formatting import number
from ...views.output import say
from ...views.summary import moment, table
from ..arguments import Arguments, store_path


def main(arguments: Arguments) -> int:
    """Print a line for each sweep, oldest first."""
    path = store_path(arguments)
    rows = [
        (s.sweep, moment(s.created), s.state, str(s.trials), number(s.best), s.tuner, s.code)
        for s in Store(path).list()
    ]
    if rows:
        say("\n".join(table(_HEAD, rows)))
    else:
        say(f"no sweep in the store {path}; name another: store.path=FOLDER")
    return 0


_HEAD = ("sweep", "began", "state", "trials", "best", "tuner", "trial")
