"""Diagnostics: faults in a configuration, the places where they are written, and corrections."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import Enum, StrEnum
from typing import TypeVar


class Severity(StrEnum):
    """Whether a diagnostic stops the sweep."""

    ERROR = "error"
    WARNING = "warning"
    SILENCED = "silenced"


class Code(Enum):
    """Every kind of diagnostic, named after the fault; a code is never reused.

    Families: C compose, D domain, E expression, S structure of the space, P plugin, B budget,
    A assessor, R resource, M machine, T trial.
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
    EXPOSED_SECRET = "P113"  # noqa: S105 - the code of a finding
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
    UNUSABLE_STORE = "R104"
    UNFIT_MACHINE = "M101"
    NO_ENTRY = "T101"
    MISSING_FILE = "T102"
    BAD_ROLE = "T103"
    CONFIDENTIAL = "T104"
    UNREAD_PARAMETER = "T105"
    UNKNOWN_READ = "T106"
    UNREPORTED_METRIC = "T107"
    UNKNOWN_STRUCTURE = "T108"
    SYNTAX_ERROR = "T109"


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
        Code.REFUSED_OPTION,
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
        Code.UNFIT_MACHINE,
        Code.CONFIDENTIAL,
        Code.UNREAD_PARAMETER,
        Code.UNKNOWN_STRUCTURE,
        Code.SYNTAX_ERROR,
    }
)
"""Codes that are warnings, at least in some cases; only these can be silenced."""


@dataclass(frozen=True, slots=True)
class Span:
    """Place where a value is written; `file` is None if no file contains the value."""

    file: str | None
    """Path as the user would type it, or ``<command line>``, or None."""
    line: int = 1
    """Line in the file, from 1; for the command line, the argument's number."""
    column: int = 1
    """Column in the line, from 1."""
    length: int = 1
    """Number of characters of the value."""
    text: str = ""
    """The whole source line."""
    key: str = ""
    """Dotted key in the composed configuration, such as ``space.lr``."""

    def __str__(self) -> str:
        """Format as ``file:line:column``, or as the key if no file contains it."""
        return f"{self.file}:{self.line}:{self.column}" if self.file else self.key


NOWHERE = Span(None)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A finding: `message` states the fact, `span` is its place, and `help` suggests a change."""

    code: Code
    message: str
    span: Span = NOWHERE
    label: str = ""
    """Text beside the caret."""
    notes: tuple[str, ...] = ()
    help: str | None = None
    severity: Severity = Severity.ERROR


@dataclass(slots=True)
class Report:
    """Collects the diagnostics of a compilation; a pass adds its diagnostics and continues."""

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
        """Add a diagnostic that stops the sweep."""
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
        """Add a diagnostic that does not stop the sweep."""
        self.error(code, message, span, label=label, notes=notes, help=help)
        self.diagnostics[-1] = replace(self.diagnostics[-1], severity=Severity.WARNING)

    def add(self, found: Diagnostic, span: Span) -> None:
        """Add a diagnostic that has no span yet."""
        self.diagnostics.append(replace(found, span=span))

    @property
    def failed(self) -> bool:
        """Whether any diagnostic stops the sweep."""
        return any(found.severity is Severity.ERROR for found in self.diagnostics)

    def __iter__(self) -> Iterator[Diagnostic]:
        """Yield the diagnostics in the order of their spans; spans in files come first."""
        return iter(sorted(self.diagnostics, key=_place))


class CompileError(Exception):
    """The sweep does not compile; `diagnostics` holds all diagnostics of the failed phase."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        """Keep the diagnostics; the error's message has one line per diagnostic."""
        self.diagnostics = diagnostics
        super().__init__("\n".join(f"[{d.code.value}] {d.span}: {d.message}" for d in diagnostics))


def raise_errors(diagnostics: list[Diagnostic]) -> None:
    """Raise a `CompileError` with all diagnostics if one of them is an error."""
    if any(found.severity is Severity.ERROR for found in diagnostics):
        raise CompileError(diagnostics)


@dataclass(frozen=True, slots=True)
class NameHelp:
    """Help for an unknown name."""

    text: str
    is_near: bool
    """Whether a known name has nearly the same spelling, so that a typo is likely."""


def name_help(name: str, known: Collection[str]) -> NameHelp | None:
    """Suggest the nearest known name, or list the known names if none is near."""
    if near := nearest_name(name, known):
        return NameHelp(f"did you mean `{near}`?", is_near=True)
    listed = ", ".join(f"`{other}`" for other in sorted(known))
    return NameHelp(f"known are {listed}", is_near=False) if known else None


def did_you_mean(name: str, known: Collection[str]) -> str | None:
    """Return the text of `name_help`."""
    found = name_help(name, known)
    return found.text if found else None


def nearest_name(name: str, known: Collection[str]) -> str | None:
    """Return the known name that the user probably meant, or None if no name is similar."""
    if len(name) > _LONGEST_NAME:
        return None
    # 0.6, the default of `difflib`, accepts one wrong letter in a name of three letters.
    return next(iter(get_close_matches(name, known, n=1, cutoff=0.6)), None)


_LONGEST_NAME = 200
"""Length above which a name is compared with none, since that takes quadratic time."""


def plural(count: int, noun: str, nouns: str = "") -> str:
    """Format a count with its noun: ``1 trial``, ``20,000 trials``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {nouns or f'{noun}s'}"


T = TypeVar("T", str, str | None)


def _on_one_line(text: T) -> T:
    """Join the lines of a message, which may quote a text of several lines."""
    return " ".join(text.splitlines()) if text else text


def _place(found: Diagnostic) -> tuple[bool, str, int, int]:
    return (found.span.file is None, found.span.file or "", found.span.line, found.span.column)
