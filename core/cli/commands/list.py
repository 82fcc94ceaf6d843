"""List the sweeps in the store."""

from ...store.catalog import Store
from ...store.trust import foreign_owner
from ...views.formatting import format_number, format_table, format_time
from ...views.output import echo, echo_error
from ..arguments import Arguments, store_path
from ..recorded_sweep import note_leftovers


def main(arguments: Arguments) -> int:
    """Print one line per sweep, oldest sweep first."""
    path = store_path(arguments)
    store = Store(path)
    summaries = store.list()
    rows = [
        (
            summary.sweep,
            format_time(summary.created) if summary.created is not None else "",
            summary.state + (f", {summary.waiting:,} waiting" if summary.waiting else ""),
            str(summary.trials),
            format_number(summary.best),
            summary.tuner,
            summary.code,
        )
        for summary in summaries
    ]
    foreign = {owner: sweep.name for sweep in store.sweeps() if (owner := foreign_owner(sweep))}
    for owner, newest in foreign.items():
        echo_error(f"note: some sweeps belong to {owner}, for example {newest}")
    note_leftovers(summary.dead_drivers for summary in summaries)
    if rows:
        head = ("sweep", "began", "state", "trials", "best", "tuner", "trial")
        echo("\n".join(format_table(head, rows)))
    else:
        echo(f"no sweep in the store {path}; to use another: store.path=FOLDER")
    return 0
