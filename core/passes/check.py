"""Check that the parts of a sweep agree with one another.

Before: parts that are each without fault. After: the same, known to work together.
"""

from sweepwright.diagnostics import Report

from ..registry import Registry
from ..stages import Assembled
from .check_brackets import check_brackets
from .check_budget import check_budget
from .check_concurrency import check_concurrency
from .check_extent import check_extent
from .check_framework import check_framework
from .check_platform import check_platform
from .check_reads import check_reads
from .check_refusals import check_refusals
from .check_reports import check_reports
from .check_resources import check_resources
from .check_searchable import check_searchable
from .check_structure import check_structure
from .check_unread import check_unread
from .read_sources import read_sources


def check(assembled: Assembled, registry: Registry, report: Report) -> Assembled:
    """Hold every part against those it has to work with."""
    spaced = assembled.spaced
    parts = spaced.bound.parts
    if tuner := parts.get("tuner"):
        check_searchable(tuner, spaced, registry, report)
        if check_refusals(tuner, spaced, registry, report):
            check_extent(tuner, spaced, registry, report)
            check_concurrency(tuner, spaced, registry, report)
            check_brackets(tuner, spaced, registry, report)
    if sampler := parts.get("sampler"):
        check_searchable(sampler, spaced, registry, report)
        check_refusals(sampler, spaced, registry, report)
    if assessor := parts.get("assessor"):
        check_refusals(assessor, spaced, registry, report)
    if platform := parts.get("platform"):
        check_platform(platform, assembled, registry, report)
        check_resources(platform, assembled, registry, report)
    if framework := parts.get("framework"):
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
