"""Check that no secret of a trial is stored where others can read it.

Some platforms keep submissions in a server that other users can query. References to environment
variables do not help there, because the driver replaces them at each launch.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sweepwright.contracts import TrialCode
from sweepwright.diagnostics import Code, Report
from sweepwright.secret_names import LOOKS_SECRET, is_secret_name, is_secret_variable

from ...plan.environment import referenced_variables
from ..settings import TrialOptions
from ..spans import KeyPath
from ..stages import Assembled


def check_exposed_secrets(assembled: Assembled, report: Report) -> None:
    """Report secrets in the trial's environment and arguments if the platform exposes them."""
    platform, code = assembled.bound.platform, assembled.code
    if platform is None or code is None or platform.provider.secrets_help is None:
        return
    for path in (*_secret_variables(code), *_secret_arguments(assembled)):
        # The span has no text, since the line may contain the secret.
        span = replace(assembled.spans.key(path), text="")
        message = f"`{platform}` would store the secret `{path[-1]}` where others can read it"
        report.error(Code.EXPOSED_SECRET, message, span, help=platform.provider.secrets_help)


def _secret_variables(code: TrialCode) -> Iterator[KeyPath]:
    owners: list[tuple[KeyPath, Mapping[str, str]]] = [(("trial",), code.environment)]
    owners += [(("trial", "roles", role.name), role.environment) for role in code.roles]
    for path, variables in owners:
        for name, value in variables.items():
            if _is_secret(name, value):
                yield (*path, "environment", name)


def _is_secret(name: str, value: str) -> bool:
    return (
        is_secret_variable(name, value)
        or LOOKS_SECRET.search(value) is not None
        or any(is_secret_variable(variable) for variable in referenced_variables(value))
    )


def _secret_arguments(assembled: Assembled) -> Iterator[KeyPath]:
    section: Any = assembled.bound.resolved.tree.get("trial")
    for key, value in section.items():
        given = key not in TrialOptions.__slots__ and value is not None
        if given and (is_secret_name(key, value) or LOOKS_SECRET.search(str(value))):
            yield ("trial", key)
