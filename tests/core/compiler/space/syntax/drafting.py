"""Draft the section ``space`` from YAML, without the other sections of a sweep."""

from collections.abc import Mapping
from textwrap import dedent
from typing import Any

from omegaconf import OmegaConf

from sweepwright.contracts import TunerProvider
from sweepwright.core.compiler.passes.resolve import resolve
from sweepwright.core.compiler.space.draft import draft_space
from sweepwright.core.compiler.space.relate import relate
from sweepwright.core.compiler.spans import Spans
from sweepwright.core.compiler.stages import Bound, BoundProvider, Composed, Drafted
from sweepwright.core.plan.plan import Selection
from sweepwright.diagnostics import Diagnostic, Report
from sweepwright.space import Domain, Parameter, SearchSpace
from tests.core.stub_plugins import NoOptions, build


def drafts(text: str, **tuner_options: Any) -> tuple[Drafted, list[Diagnostic]]:
    """Draft a space for a tuner with these options; return the drafts and the findings."""
    tree = OmegaConf.create({"space": OmegaConf.create(dedent(text))})
    plain: Any = OmegaConf.to_container(tree, resolve=False)
    composed = Composed(tree, plain, Spans(), frozenset(), (), lambda _: None, ())
    resolved = resolve(composed, Report())
    tuner = BoundProvider(
        TunerProvider("x", NoOptions, build),
        Selection("tuner", "x", tuner_options),
        options_valid=True,
    )
    report = Report()
    return draft_space(Bound(resolved, {"tuner": tuner}), report), list(report)


def drafted(text: str, **tuner_options: Any) -> Drafted:
    """Draft a valid space."""
    found, diagnostics = drafts(text, **tuner_options)
    assert found.complete, [diagnostic.message for diagnostic in diagnostics]
    return found


def space(text: str) -> SearchSpace | None:
    """Build the space of a section, or return None if the section has a fault."""
    report = Report()
    found, diagnostics = drafts(text)
    related = relate(found, report)
    return related.space if related.complete and not diagnostics else None


def parameters(text: str) -> list[Parameter]:
    """Return the parameters of a valid space."""
    return [draft.parameter for draft in drafted(text).parameters]


def domains(text: str) -> Mapping[str, Domain]:
    """Return the domains of a valid space, by name."""
    return {parameter.name: parameter.domain for parameter in parameters(text)}


def domain(text: str) -> Domain:
    """Return the domain that a single value describes."""
    (only,) = parameters(f"x: {text}")
    return only.domain


def messages(text: str) -> list[str]:
    """Return the messages of the findings."""
    return [diagnostic.message for diagnostic in drafts(text)[1]]
