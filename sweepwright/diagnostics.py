"""Findings: what is wrong in a sweep's configuration, where it is written, and the way out."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import Enum, StrEnum
from typing import TypeVar


class Severity(StrEnum):
    """Whether a finding stops the sweep."""

    ERROR = "error"
    WARNING = "warning"
    SILENCED = "silenced"


class Code(Enum):
    """Every kind of finding, named after the fault; a code is never reused.

    Families: C compose, D domain, E expression, S structure of the space, P plugin, B budget,
    A assessor, R resource, T trial.
    """

    BROKEN_YAML = "C101"
    UNKNOWN_CHOICE = "C102"
    BAD_OVERRIDE = "C103"
    UNQUOTED_DOMAIN = "C104"
    UNKNOWN_KEY = "C105"
    WRONG_TYPE = "C106"
    MISSING_VALUE = "C107"
    BROKEN_INTERPOLATION = "C108"
    OUT_OF_RANGE = "C109"
    NOT_COMPOSABLE = "C110"
    DEPRECATED_KEY = "C111"
    TOO_MANY_NODES = "C112"
    BAD_SILENCE = "C113"
    NOT_A_DOMAIN = "D101"
    UNKNOWN_DOMAIN = "D102"
    BAD_ARGUMENTS = "D103"
    EMPTY_DOMAIN = "D104"
    LOG_OF_NONPOSITIVE = "D105"
    BAD_STEP = "D106"
    DUPLICATE_CHOICE = "D107"
    BAD_NAME = "D108"
    EMPTY_SPACE = "D109"
    ONE_VALUE = "D110"
    MIXED_CHOICES = "D111"
    BOOL_AMONG_NUMBERS = "D112"
    BAD_WEIGHTS = "D113"
    BAD_DEFAULT = "D114"
    BAD_NNI_SPACE = "D115"
    BAD_EXPRESSION = "E101"
    UNKNOWN_NAME = "E102"
    TYPE_MISMATCH = "E103"
    IMPOSSIBLE_COMPARISON = "E104"
    DIVISION_BY_ZERO = "E105"
    COLLIDING_NAMES = "S101"
    SHADOWED_NAME = "S102"
    UNNAMED_BRANCH = "S103"
    CYCLE = "S104"
    NEVER_ACTIVE = "S105"
    ALWAYS_ACTIVE = "S106"
    UNSATISFIABLE_CONSTRAINT = "S107"
    IDLE_CONSTRAINT = "S108"
    HOPELESS_CONSTRAINT = "S109"
    BAD_START = "S110"
    UNKNOWN_PLUGIN = "P101"
    BROKEN_PLUGIN = "P102"
    UNKNOWN_OPTION = "P103"
    WRONG_OPTION = "P104"
    UNSEARCHABLE_DOMAIN = "P105"
    REFUSED_OPTION = "P106"
    SMALL_SPACE = "P107"
    HUGE_GRID = "P108"
    UNSUITED_PLATFORM = "P109"
    IDLE_CONCURRENCY = "P110"
    DUPLICATE_PLUGIN = "P111"
    MISSING_PACKAGE = "P112"
    MISSING_BUDGET = "B101"
    UNUSED_BUDGET = "B102"
    UNREAD_BUDGET = "B103"
    MISNAMED_BUDGET = "B104"
    ONE_RUNG = "B105"
    CUT_BRACKET = "B106"
    STOPPED_TWICE = "B107"
    TAKEN_NAME = "B108"
    NO_REPORTS = "A101"
    TOO_FEW_SLOTS = "R101"
    UNKNOWN_RESOURCE = "R102"
    IDLE_SLOTS = "R103"
    NO_ENTRY = "T101"
    MISSING_FILE = "T102"
    BAD_ROLE = "T103"
    CONFIDENTIAL = "T104"
    UNREAD_PARAMETER = "T105"
    UNKNOWN_READ = "T106"
    UNREPORTED_METRIC = "T107"
    UNKNOWN_STRUCTURE = "T108"


WARNINGS = frozenset(
    {
        Code.DEPRECATED_KEY,
        Code.BAD_STEP,
        Code.ONE_VALUE,
        Code.MIXED_CHOICES,
        Code.BOOL_AMONG_NUMBERS,
        Code.BAD_NNI_SPACE,
        Code.DIVISION_BY_ZERO,
        Code.COLLIDING_NAMES,
        Code.SHADOWED_NAME,
        Code.ALWAYS_ACTIVE,
        Code.IDLE_CONSTRAINT,
        Code.HOPELESS_CONSTRAINT,
        Code.SMALL_SPACE,
        Code.HUGE_GRID,
        Code.IDLE_CONCURRENCY,
        Code.DUPLICATE_PLUGIN,
        Code.UNUSED_BUDGET,
        Code.UNREAD_BUDGET,
        Code.ONE_RUNG,
        Code.CUT_BRACKET,
        Code.STOPPED_TWICE,
        Code.IDLE_SLOTS,
        Code.CONFIDENTIAL,
        Code.UNREAD_PARAMETER,
        Code.UNKNOWN_STRUCTURE,
    }
)
"""Codes of what a sweep can live with, at least at times; nothing else can be silenced."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where something is written; `file` is None for what no file holds."""

    file: str | None
    """Path as the user would type it, ``<command line>``, or None."""
    line: int = 1
    """Line in the file from 1; on the command line, the argument's number."""
    column: int = 1
    """Column in the line, from 1."""
    length: int = 1
    """Characters the culprit spans."""
    text: str = ""
    """The whole source line, as written."""
    key: str = ""
    """Dotted key in the composed configuration, such as ``space.lr``."""

    def __str__(self) -> str:
        """Render as ``file:line:column``, or the key when no file holds it."""
        return f"{self.file}:{self.line}:{self.column}" if self.file else self.key


NOWHERE = Span(None)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding: the message states the fact, the span points at it, only `help` suggests."""

    code: Code
    message: str
    span: Span = NOWHERE
    label: str = ""
    """Words beside the caret."""
    notes: tuple[str, ...] = ()
    help: str | None = None
    severity: Severity = Severity.ERROR


@dataclass(slots=True)
class Report:
    """Collects the findings of a compilation; passes add to it and carry on."""

    diagnostics: list[Diagnostic] = field(default_factory=list)

    def error(
        self,
        code: Code,
        message: str,
        span: Span = NOWHERE,
        *,
        label: str = "",
        notes: tuple[str, ...] = (),
        help: str | None = None,  # noqa: A002 - the word users see
    ) -> None:
        """Add a finding that stops the sweep."""
        found = Diagnostic(code, _on_one_line(message), span, label, notes, _on_one_line(help))
        self.diagnostics.append(found)

    def warn(
        self,
        code: Code,
        message: str,
        span: Span = NOWHERE,
        *,
        label: str = "",
        notes: tuple[str, ...] = (),
        help: str | None = None,  # noqa: A002 - the word users see
    ) -> None:
        """Add a finding that the sweep can live with."""
        self.error(code, message, span, label=label, notes=notes, help=help)
        self.diagnostics[-1] = replace(self.diagnostics[-1], severity=Severity.WARNING)

    @property
    def failed(self) -> bool:
        """Whether anything found stops the sweep."""
        return any(found.severity is Severity.ERROR for found in self.diagnostics)

    def __iter__(self) -> Iterator[Diagnostic]:
        """Yield the findings in the order of their places, files first."""
        return iter(sorted(self.diagnostics, key=_place))


class CompileError(Exception):
    """A sweep that does not compile, with every finding of the phase that failed."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        """Keep the findings; the message is a line for each."""
        self.diagnostics = diagnostics
        super().__init__("\n".join(f"[{d.code.value}] {d.span}: {d.message}" for d in diagnostics))


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What to write instead of an unknown word, as the text of a help."""

    text: str
    is_near: bool
    """Whether it is a word of nearly the same spelling, so that a misspelling is likely."""


def suggest(word: str, known: list[str]) -> Suggestion | None:
    """Suggest the nearest of the known words, or all of them if none is near."""
    if near := get_close_matches(word, known, n=1, cutoff=0.6):
        return Suggestion(f"did you mean `{near[0]}`?", is_near=True)
    listed = ", ".join(f"`{name}`" for name in sorted(known))
    return Suggestion(f"known are {listed}", is_near=False) if known else None


def did_you_mean(word: str, known: list[str]) -> str | None:
    """Return the text of the suggestion for an unknown word."""
    suggestion = suggest(word, known)
    return suggestion.text if suggestion else None


T = TypeVar("T", str, str | None)


def _on_one_line(text: T) -> T:
    """Join the lines of what quotes a name or a text of several."""
    return " ".join(text.splitlines()) if text else text


def _place(found: Diagnostic) -> tuple[bool, str, int, int]:
    return (found.span.file is None, found.span.file or "", found.span.line, found.span.column)
