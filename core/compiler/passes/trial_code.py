"""Build the trial's code: its roles, and the entry that the framework runs for each role.

Before: ``trial: {name: mine, entries: {sklearn: my.module}, data: images}``.
After: a `TrialCode` with one role, which runs ``my.module --data=images``.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sweepwright.contracts import Command, Entry, PythonFile, PythonModule, Role, TrialCode
from sweepwright.diagnostics import Code, Report, nearest_name
from sweepwright.secret_names import LOOKS_SECRET, is_secret_name, is_secret_variable

from ...plan.environment import referenced_variables
from ...plan.machine_needs import entry_finding, folder_finding
from ...plan.trial_files import find_entry, hash_sources, locate_module
from ...registry.options import OptionFault, build_options, check_options
from ...registry.registry import Registry
from ..error_recovery import INVALID, contains_invalid
from ..settings import EntryText, RoleOptions, TrialOptions, Variable
from ..spans import KeyPath, Spans, dotted
from ..stages import Assembled, Spaced
from ..trial_analysis import AnalyzedSource, analyze_trial
from .provider_calls import call_provider


def build_trial(spaced: Spaced, registry: Registry, report: Report) -> Assembled:
    """Build the trial's code and analyze its sources, unless the section ``trial`` is invalid."""
    section = spaced.bound.resolved.tree.get("trial")
    spans = spaced.bound.resolved.spans
    before = len(report.diagnostics)
    code = None
    if isinstance(section, Mapping):
        framework = spaced.bound.framework
        platform = spaced.bound.platform
        # Another check reports the same secrets if the platform exposes them.
        exposes = platform is not None and platform.provider.secrets_help is not None
        builder = _Builder(spans, report, registry.names("framework"), warn_of_secrets=not exposes)
        code = builder.build(section, framework.provider.name if framework else None)
    elif section is not INVALID:
        message = "no `trial` is chosen" if section is None else "`trial` is no mapping"
        help_ = "give `trial=<name>`"
        report.error(Code.MISSING_VALUE, message, spans.value(("trial",)), help=help_)
    # The code does not depend on values that earlier passes check, so their errors do not count.
    found = report.diagnostics[before:]
    if code is None or any(d.severity == "error" for d in found):
        return Assembled(spaced, registry)
    code = replace(code, kind=_job_kind(spaced, report))
    return Assembled(spaced, registry, code, hash_sources(code), _analyze_sources(code))


def _job_kind(spaced: Spaced, report: Report) -> str | None:
    """Ask the framework for Kubeflow's kind of its jobs."""
    framework = spaced.bound.framework
    if framework is None or not framework.options_valid or framework.provider.kind is None:
        return None
    return call_provider(framework.provider.kind, framework, spaced, report)


def _analyze_sources(code: TrialCode) -> dict[str, AnalyzedSource | None]:
    """Analyze the source of each role; the value for a program in another language is None."""
    folder = Path(code.folder)
    sources: dict[str, AnalyzedSource | None] = {}
    for role in code.roles:
        path = None if isinstance(role.entry, Command) else find_entry(role.entry, folder)
        sources[role.name] = _analyze(path, folder) if path else None
    return sources


def _analyze(path: Path, folder: Path) -> AnalyzedSource | None:
    # Python searches the folder of the script before the folder of the trial.
    return analyze_trial(path, lambda name: locate_module(name, [path.parent, folder]))


@dataclass(frozen=True, slots=True)
class _Trial:
    """Properties that all roles of a trial share."""

    options: TrialOptions
    framework: str | None
    """Name of the framework; None if it is invalid."""
    arguments: tuple[str, ...]
    folder: Path


class _Builder:
    """Builds the code of one ``trial`` section, and reports every fault in the section."""

    def __init__(
        self, spans: Spans, report: Report, frameworks: list[str], *, warn_of_secrets: bool
    ) -> None:
        self._spans = spans
        self._report = report
        self._frameworks = frameworks
        self._warns_of_secrets = warn_of_secrets

    def build(self, section: Mapping[str, Any], framework: str | None) -> TrialCode | None:
        options = self._options(section)
        arguments = tuple(self._arguments(section))
        if options is None:
            return None
        folder = self._folder(options.folder)
        trial = _Trial(options, framework, arguments, folder)
        self._warn_of_secrets(options.environment, ("trial",))
        roles = tuple(self._roles(trial))
        # The roles were built nevertheless, so that their faults are reported in the same run.
        if framework is None:
            return None
        environment = _texts(options.environment)
        structure = tuple(options.structure)
        return TrialCode(options.name, roles, environment, str(folder.resolve()), structure)

    def _options(self, section: Mapping[str, Any]) -> TrialOptions | None:
        """Build the options without the invalid roles, so that later checks see the valid roles.

        Returns None if a fault concerns more than a single role.
        """
        known = {key: v for key, v in section.items() if key in TrialOptions.__slots__}
        faults = check_options(TrialOptions, known)
        for fault in faults:
            self._report_fault(fault)
        # If a fault concerns more than a single role, no options remain for later checks.
        faulty = {_role_of(fault) for fault in faults}
        if contains_invalid(known) or None in faulty:
            return None
        roles = known.get("roles") or {}
        valid = {name: role for name, role in roles.items() if name not in faulty}
        if roles and not valid:
            return None
        return build_options(TrialOptions, {**known, "roles": valid})

    def _arguments(self, section: Mapping[str, Any]) -> Iterator[str]:
        """Yield an argument of the program for each key of the section that is not an option."""
        for key, value in section.items():
            # A key that is not an option becomes an argument of the program, unless it is null.
            if key in TrialOptions.__slots__ or value is None or value is INVALID:
                continue
            if isinstance(value, Mapping | list):
                self._report_argument(key, value)
            else:
                if is_secret_name(str(key), value):
                    self._warn_of_secret(("trial", key), f"trial.{key}", _AS_VARIABLE)
                yield f"--{key}={_text(value)}"

    def _report_argument(self, key: str, value: Mapping[str, Any] | list[Any]) -> None:
        """Report a key that is neither an option nor a single value that a program can receive."""
        path: KeyPath = ("trial", key)
        if near := nearest_name(key, TrialOptions.__slots__):
            message, help_ = f"no key is called `{dotted(path)}`", f"did you mean `{near}`?"
            self._report.error(Code.UNKNOWN_KEY, message, self._spans.key(path), help=help_)
            return
        kind = "a list" if isinstance(value, list) else "a mapping"
        message = f"`{dotted(path)}` is {kind}, but an argument of a program is a single value"
        # In single quotes, YAML writes a single quote twice.
        text = json.dumps(value, ensure_ascii=False, default=str).replace("'", "''")
        help_ = f"write it as text, which the program receives: `{key}: '{text}'`"
        self._report.error(Code.WRONG_TYPE, message, self._spans.value(path), help=help_)

    def _report_fault(self, fault: OptionFault) -> None:
        path: KeyPath = ("trial", *fault.path)
        code = Code.UNKNOWN_KEY if fault.unknown else Code.WRONG_TYPE
        if fault.path[0] == "roles":
            code = Code.BAD_ROLE
        span = self._spans.key(path) if fault.unknown else self._spans.value(path)
        message = fault.message.replace(f"`{dotted(fault.path)}`", f"`{dotted(path)}`", 1)
        if fault.unknown:
            message = f"no key is called `{dotted(path)}`"
        self._report.error(code, message, span, help=fault.help)

    def _folder(self, name: str) -> Path:
        if found := folder_finding(name):
            self._report.add(found, self._spans.value(("trial", "folder")))
        return Path(name)

    def _roles(self, trial: _Trial) -> Iterator[Role]:
        roles = trial.options.roles or {"main": RoleOptions()}
        reporting = self._reporting(roles)
        for name, role in roles.items():
            at: KeyPath = ("trial", "roles", name) if trial.options.roles else ("trial",)
            self._check_role(name, role, at)
            self._warn_of_secrets(role.environment, at)
            if entry := self._entry(trial, role, at):
                yield Role(
                    name,
                    entry,
                    role.replicas,
                    _texts(role.environment),
                    {resource: float(amount) for resource, amount in role.resources.items()},
                    name == reporting,
                )

    def _reporting(self, roles: Mapping[str, RoleOptions]) -> str | None:
        """Return the role with ``reports: true``, or else the first role without `reports`."""
        chosen = [name for name, role in roles.items() if role.reports]
        for name in chosen[1:]:
            span = self._spans.value(("trial", "roles", name, "reports"))
            message = (
                f"`{chosen[0]}` and `{name}` both report metrics, but only one role may do so"
            )
            self._report.error(Code.BAD_ROLE, message, span)
        undecided = [name for name, role in roles.items() if role.reports is None]
        if not chosen and not undecided:
            span = self._spans.key(("trial", "roles"))
            help_ = "give one role `reports: true`"
            self._report.error(Code.BAD_ROLE, "no role reports", span, help=help_)
        return next(iter([*chosen, *undecided]), None)

    def _check_role(self, name: str, role: RoleOptions, at: KeyPath) -> None:
        if not re.fullmatch(r"[a-z]([a-z0-9-]*[a-z0-9])?", name):
            message = f"`{name}` cannot be the name of a role"
            help_ = "use lower case letters, digits and hyphens, starting with a letter"
            self._report.error(Code.BAD_ROLE, message, self._spans.key(at), help=help_)
        if role.replicas < 1:
            span = self._spans.value((*at, "replicas"))
            message = f"`{name}` has {role.replicas} replicas, fewer than 1"
            self._report.error(Code.BAD_ROLE, message, span)
        for resource, amount in role.resources.items():
            if amount < 0:
                span = self._spans.value((*at, "resources", resource))
                message = f"`{name}` needs {amount:g} `{resource}`, less than 0"
                self._report.error(Code.BAD_ROLE, message, span)

    def _warn_of_secrets(self, variables: Mapping[str, Variable], at: KeyPath) -> None:
        for name, value in variables.items():
            is_secret = is_secret_variable(name, value) or LOOKS_SECRET.search(str(value))
            # A reference records the name of a variable and not its value.
            if not is_secret or next(referenced_variables(str(value)), ""):
                continue
            help_ = f"`export {name}=…`, and write the reference `${{oc.env:{name}}}` here"
            self._warn_of_secret((*at, "environment", name), name, help_)

    def _warn_of_secret(self, path: KeyPath, name: str, help_: str) -> None:
        """Warn of a secret. The finding's span has no text, since the line contains the secret."""
        if not self._warns_of_secrets:
            return
        span = replace(self._spans.key(path), text="")
        message = f"`{name}` looks like a secret, which the journal would record in plain text"
        self._report.warn(Code.CONFIDENTIAL, message, span, help=help_)

    def _entry(self, trial: _Trial, role: RoleOptions, at: KeyPath) -> Entry | None:
        text: EntryText | None = role.entry
        where: KeyPath = (*at, "entry")
        if text is None and trial.framework:
            text = trial.options.entries.get(trial.framework)
            where = ("trial", "entries", trial.framework)
        if text:
            entry = _parse(text, trial.arguments)
            if found := entry_finding(entry, trial.folder):
                self._report.add(found, self._spans.value(where))
            return entry
        if text is not None:
            message = f"`{dotted(where)}` is empty"
            help_ = "name a Python file, a module, or a program as a list"
            self._report.error(Code.NO_ENTRY, message, self._spans.value(where), help=help_)
        elif trial.framework:
            self._report_no_entry(trial.options, trial.framework)
        return None

    def _report_no_entry(self, options: TrialOptions, framework: str) -> None:
        known = ", ".join(f"`{name}`" for name in options.entries)
        notes = (f"it has entries for {known}",) if known else ("it has no entries",)
        message = f"trial `{options.name}` has no entry for framework `{framework}`"
        able = [f"`framework={name}`" for name in options.entries if name in self._frameworks]
        ways = [f"give {' or '.join(able)}"] if able else []
        ways.append(f"add `trial.entries.{framework}`")
        span = self._spans.value(("framework", "name"))
        self._report.error(Code.NO_ENTRY, message, span, notes=notes, help=", or ".join(ways))


_AS_VARIABLE = (
    "write `NAME: ${oc.env:NAME}` under `trial.environment`, and let the trial read the variable"
)


def _role_of(fault: OptionFault) -> str | int | None:
    """Return the role that contains a fault; return None if the fault is not in a single role."""
    return fault.path[1] if fault.path[0] == "roles" and fault.path[1:] else None


def _parse(text: EntryText, arguments: tuple[str, ...]) -> Entry:
    if isinstance(text, list):
        return Command((*text, *arguments))
    # `train.py` and `bin/train` are files; `mine.train` is a module.
    if text.endswith(".py") or "/" in text:
        return PythonFile(text, arguments)
    return PythonModule(text, arguments)


def _texts(variables: Mapping[str, Variable]) -> dict[str, str]:
    return {name: _text(value) for name, value in variables.items()}


def _text(value: Variable) -> str:
    # Programs receive `true`, as the user wrote it, and not the `True` of Python.
    return str(value).lower() if isinstance(value, bool) else str(value)
