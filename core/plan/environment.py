r"""References to environment variables in the environment of a trial: ``${oc.env:NAME,default}``.

The plan and the journal contain the reference, so that no secret is recorded. The driver resolves
it for each launch, in its own environment. As in OmegaConf, a backslash before the reference makes
it ordinary text, and two backslashes stand for one.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from shlex import quote
from typing import TYPE_CHECKING

from sweepwright.diagnostics import Code, Diagnostic

if TYPE_CHECKING:  # importing it takes longer than commands such as `list` otherwise need
    from sweepwright.contracts import Job

REFERENCE = re.compile(
    r"\$\{ *oc\.env *: *(?P<name>[\w.-]+) *"
    r"(?:,(?P<default>(?:'[^']*'|\"[^\"]*\"|[^{}'\"])*))?\}"
)
"""A reference to an environment variable, perhaps with a default."""

_WITH_BACKSLASHES = re.compile(rf"(?<!\\)(?P<backslashes>\\*){REFERENCE.pattern}")


def resolve_references(text: str) -> str:
    """Replace the references in a text by the values of the variables, or by their defaults."""
    return _WITH_BACKSLASHES.sub(_resolve, text)


def _resolve(found: re.Match[str]) -> str:
    # After one backslash, `${oc.env:A}` is ordinary text. After two, it is a backslash and the
    # value of A.
    pairs, single = divmod(len(found["backslashes"]), 2)
    literal = found[0].lstrip("\\")
    value = literal if single else os.environ.get(found["name"], _default(found))
    return "\\" * pairs + value


def _default(found: re.Match[str]) -> str:
    text = (found["default"] or "").strip()
    return text[1:-1] if text[:1] in ("'", '"') and text[-1:] == text[:1] != text else text


def escape_references(text: str) -> str:
    """Escape the references in a text, so that `resolve_references` returns the text itself."""
    return _WITH_BACKSLASHES.sub(
        lambda found: f"{found['backslashes'] * 2}\\{found[0].lstrip(chr(92))}", text
    )


def referenced_variables(text: str, *, without_default: bool = False) -> Iterator[str]:
    """Yield the names of the variables that a text refers to."""
    for found in _WITH_BACKSLASHES.finditer(text):
        is_reference = len(found["backslashes"]) % 2 == 0
        if is_reference and not (without_default and found["default"] is not None):
            yield found["name"]


def unset_findings(text: str, key: str) -> Iterator[Diagnostic]:
    """Report each variable that is not set, and to which the value of a key refers."""
    for name in referenced_variables(text, without_default=True):
        if name not in os.environ:
            message = f"`{key}` refers to the variable `{name}`, which is not set"
            way_out = f"`export {name}=…`, or give a default: `${{oc.env:{name},…}}`"
            yield Diagnostic(Code.BROKEN_INTERPOLATION, message, help=way_out)


def shell_text(text: str) -> str:
    """Quote a text for a shell, which resolves the references in it."""
    # `a b${oc.env:X,1}` becomes `'a b'"${X-1}"`.
    parts: list[str] = []
    end = 0
    for found in _WITH_BACKSLASHES.finditer(text):
        parts.append(quote(text[end : found.start()]) if found.start() > end else "")
        parts.append(_shell_reference(found))
        end = found.end()
    return "".join([*parts, quote(text[end:])] if end < len(text) or not parts else parts)


def _shell_reference(found: re.Match[str]) -> str:
    pairs, single = divmod(len(found["backslashes"]), 2)
    if single:
        return quote("\\" * pairs + found[0].lstrip("\\"))
    escaped = re.sub(r'([\\"$`])', r"\\\1", _default(found))
    # A shell's `${X-1}` uses the default only if X is not set, as OmegaConf does; `${X:-1}` also
    # uses it if X is empty.
    default = f"-{escaped}" if found["default"] is not None else ""
    return (quote("\\" * pairs) if pairs else "") + f'"${{{found["name"]}{default}}}"'


def set_references_aside(text: str) -> tuple[list[str], str]:
    """Replace the references that stand in no other interpolation by marks; return them, too."""
    kept: list[str] = []

    def set_aside(found: re.Match[str]) -> str:
        # In `${oc.decode:${oc.env:N}}`, OmegaConf has to resolve the reference, because another
        # interpolation needs its value.
        before = text[: found.start()]
        if before.count("${") > before.count("}"):
            return found[0]
        kept.append(found[0])
        return _MARK.format(len(kept) - 1)

    return kept, _WITH_BACKSLASHES.sub(set_aside, text)


def put_references_back(text: str, kept: list[str]) -> str:
    """Put references in the place of their marks; others in the text become ordinary text."""
    # A value that OmegaConf has inserted may look like a reference without being one.
    text = escape_references(text)
    for index, reference in enumerate(kept):
        text = text.replace(_MARK.format(index), reference)
    return text


_MARK = "\ue000{}\ue001"
"""A mark made of characters for private use, which no interpolation changes."""


def resolve_job(job: "Job") -> "Job":
    """Resolve the references in the environment of a job and of its roles."""
    environments = (job.environment, *(role.environment for role in job.roles))
    if not any("oc.env" in text for variables in environments for text in variables.values()):
        return job  # the usual case, in a fraction of a trial's time
    roles = tuple(replace(role, environment=_resolved(role.environment)) for role in job.roles)
    return replace(job, environment=_resolved(job.environment), roles=roles)


def _resolved(variables: Mapping[str, str]) -> dict[str, str]:
    # The trial's assignment is among the variables. It is no reference, whatever it contains.
    return {
        name: value if name == _ASSIGNMENT else resolve_references(value)
        for name, value in variables.items()
    }


_ASSIGNMENT = "SWEEPWRIGHT_TRIAL"
