"""Check of the store: whether its path can name a folder.

Whether the folder can be written, and has space, is checked when a sweep begins or resumes
(`driver.probe`): a configuration may be checked on another machine.
"""

from pathlib import Path

from sweepwright.diagnostics import Report

from ...plan.machine_needs import store_path_finding
from ..stages import Assembled


def check_store(assembled: Assembled, report: Report) -> None:
    """Report a path that leads to or through a file."""
    if found := store_path_finding(Path(assembled.settings.store.path)):
        report.add(found, assembled.spans.value(("store", "path")))
