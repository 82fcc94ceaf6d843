"""Check the journals of a store for damage."""

from ...store.catalog import Store
from ...store.integrity import check_sweep
from ...views.output import echo, escape_controls
from ..arguments import Arguments, store_path

MOST_FAULTS = 10
"""Largest number of faults that are listed for one sweep."""


def main(arguments: Arguments) -> int:
    """Print one line per sweep and one per fault; return 1 if any journal is not whole."""
    store = Store(store_path(arguments))
    folders = [store.find(arguments.sweep)] if arguments.sweep else store.sweeps()
    if not folders:
        echo(f"no sweep in the store {store.path}; to use another: store.path=FOLDER")
    damaged = False
    for folder in folders:
        check = check_sweep(folder)
        damaged |= check.state != "whole"
        echo(f"{escape_controls(check.sweep)}  {check.state}, {check.entries:,} entries")
        for fault in check.faults[:MOST_FAULTS]:
            echo(f"  {fault}")
        if len(check.faults) > MOST_FAULTS:
            echo(f"  and {len(check.faults) - MOST_FAULTS:,} more")
    return int(damaged)
