"""List the sweeps in the store."""

from ...store.catalog import Store
from ...views.formatting import format_number, format_table, format_time
from ...views.output import echo
from ..arguments import Arguments, store_path


def main(arguments: Arguments) -> int:
    """Print a line for each sweep, oldest first."""
    path = store_path(arguments)
    rows = [
        (
            s.sweep,
            format_time(s.created),
            s.state,
            str(s.trials),
            format_number(s.best),
            s.tuner,
            s.code,
        )
        for s in Store(path).list()
    ]
    if rows:
        echo("\n".join(format_table(_HEAD, rows)))
    else:
        echo(f"no sweep in the store {path}; name another: store.path=FOLDER")
    return 0


_HEAD = ("sweep", "began", "state", "trials", "best", "tuner", "trial")
