"""Check that the parts of a sweep agree with one another.

Before: parts that are each without fault. After: the same, known to work together.

Read the sources that a trial's roles start, for what is certain of them.
"""

from pathlib import Path

from sweepwright.contracts import Command, Role
from sweepwright.diagnostics import Report

from ...plan.trial_files import find_entry, locate_module
from ...registry.registry import Registry
from ..stages import Assembled
from ..trial_analysis import AnalyzedSource, analyze_trial
from .brackets import check_brackets
from .budget import check_budget
from .framework import check_framework
from .parameters import check_reads, check_structure, check_unread
from .platform import check_platform, check_resources
from .reports import check_reports
from .tuner import check_concurrency, check_extent, check_refusals, check_searchable


def check(assembled: Assembled, registry: Registry, report: Report) -> Assembled:
    """Hold every part against those it has to work with."""
    spaced = assembled.spaced
    bound = spaced.bound
    if tuner := bound.tuner:
        check_searchable(tuner, spaced, registry, report)
        if check_refusals(tuner, spaced, registry, report):
            check_extent(tuner, spaced, registry, report)
            check_concurrency(tuner, spaced, registry, report)
            check_brackets(tuner, spaced, registry, report)
    if sampler := bound.sampler:
        check_searchable(sampler, spaced, registry, report)
        check_refusals(sampler, spaced, registry, report)
    if assessor := bound.assessor:
        check_refusals(assessor, spaced, registry, report)
    if platform := bound.platform:
        check_platform(platform, assembled, registry, report)
        check_resources(platform, assembled, registry, report)
    if framework := bound.framework:
        check_framework(framework, assembled, registry, report)
    check_structure(assembled, report)
    _check_trial(assembled, report)
    return assembled


def _check_trial(assembled: Assembled, report: Report) -> None:
    """Hold the trial's source against the space, the budget, the objective and the assessor."""
    sources = read_sources(assembled)
    check_budget(assembled.spaced, sources, report)
    check_reads(assembled, sources, report)
    check_unread(assembled, sources, report)
    check_reports(assembled, sources, report)


def read_sources(assembled: Assembled) -> dict[str, AnalyzedSource | None]:
    """Read each role's source, by the role's name; None for one that cannot be followed."""
    code = assembled.code
    if code is None:
        return {}
    return {role.name: _read(role, Path(code.folder)) for role in code.roles}


def _read(role: Role, folder: Path) -> AnalyzedSource | None:
    """Read a Python file or module; what a program of another language does is not known."""
    if isinstance(role.entry, Command):
        return None
    path = find_entry(role.entry, folder)
    assert path, "an entry that is not there is a finding"
    return analyze_trial(path, lambda name: locate_module(name, [path.parent, folder]))
