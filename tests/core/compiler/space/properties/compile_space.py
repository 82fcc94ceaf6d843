"""Compile a section ``space`` from YAML without Hydra, but with the span of every key."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from omegaconf import OmegaConf

from sweepwright.core.compiler.settings import Settings
from sweepwright.core.compiler.space.draft import draft_space
from sweepwright.core.compiler.space.relate import relate
from sweepwright.core.compiler.spans import EntrySpan, KeyPath, Spans
from sweepwright.core.compiler.stages import Bound, Resolved, Spaced
from sweepwright.core.compiler.yaml_spans import YamlDocument
from sweepwright.diagnostics import Diagnostic, Report, Severity

FILE = "space.yaml"


@dataclass(frozen=True)
class Outcome:
    """The compiled space, and the findings."""

    spaced: Spaced
    found: list[Diagnostic]

    @property
    def errors(self) -> list[Diagnostic]:
        """The findings that are errors."""
        return [each for each in self.found if each.severity is Severity.ERROR]


def read(text: str) -> Any:
    """Read the section ``space`` of a file."""
    tree = OmegaConf.to_container(OmegaConf.create(text), resolve=False)
    return tree["space"] if isinstance(tree, dict) and "space" in tree else None


def compiled(text: str) -> Outcome:
    """Compile the text of a file that contains only the section ``space``."""
    return compiled_tree(read(text), Spans(partial(_find, YamlDocument(text, FILE))))


def _find(document: YamlDocument, path: KeyPath) -> EntrySpan | None:
    span = document.root
    for key in path:
        span = span.child(key) if span else None
    return span


def compiled_tree(space: Any, spans: Spans | None = None) -> Outcome:
    """Compile the section ``space`` from values as a YAML parser returns them."""
    tree: Mapping[str, Any] = {"space": space}
    resolve_name = Resolved(tree, spans or Spans(), Settings(), budget_valid=True, overrides=())
    report = Report()
    spaced = relate(draft_space(Bound(resolve_name, {}), report), report)
    return Outcome(spaced, list(report))
