"""Hydra's own flags, such as ``--cfg``, ``--info`` and tab completion, served by ``hydra.main``.

With these flags Hydra only prints; it runs no sweep. If Hydra raises because of a fault in the
configuration, the user sees findings instead of a traceback.
"""

import logging
import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from io import StringIO

import hydra
import yaml
from omegaconf import DictConfig

from sweepwright.diagnostics import CompileError, Report

from ..compiler.compose import CONFIG_FOLDER, CONFIG_NAME, compose, register_groups
from ..compiler.compose.hydra_compat import VERSION_BASE
from ..plan.environment import referenced_variables
from ..plan.redaction import mask_body, remember_secret, remember_secrets
from ..registry.registry import Registry
from ..views.output import echo
from .arguments import Arguments, UsageError
from .completion import complete


def main(arguments: Arguments) -> int:
    """Let Hydra serve its flags; for tab completion, print our completions first."""
    registry = Registry.load()
    register_groups(registry)
    if arguments.has("--shell-completion") and not complete(arguments):
        return 0
    words = [*arguments.hydra_flags, *arguments.overrides]
    try:
        if arguments.has("--shell-completion"):
            return _call_hydra(words)
        with redirect_stdout(StringIO()) as printed:
            code = _call_hydra(words)
    except Exception as error:
        # Compose once more, to report what is wrong with the configuration as findings.
        report = Report()
        compose(arguments.overrides, registry, report)
        if report.failed:
            raise CompileError(list(report)) from error
        # The configuration composes, so the fault is in the flags.
        raise UsageError(" ".join(str(error).split())) from error
    _remember_secrets(arguments, registry)
    echo(_mask_yaml(printed.getvalue()).rstrip("\n"))
    return code


def _call_hydra(arguments: Sequence[str]) -> int:
    """Call Hydra with flags before overrides, which is the only order that Hydra accepts."""
    before, sys.argv = sys.argv, [sys.argv[0], *arguments]
    # Without this variable Hydra prints errors and exits, instead of raising them.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    # Hydra prints through logging, which would print a traceback when a reader such as `head`
    # closes the pipe.
    logging.raiseExceptions = False
    try:
        decorate = hydra.main(
            config_path=str(CONFIG_FOLDER), config_name=CONFIG_NAME, **VERSION_BASE
        )
        decorate(_run_nothing)()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    finally:
        sys.argv = before
        logging.raiseExceptions = True
        del os.environ["HYDRA_FULL_ERROR"]
    return 0


def _remember_secrets(arguments: Arguments, registry: Registry) -> None:
    """Let the secrets of the configuration be masked in what Hydra printed."""
    composed = compose(arguments.overrides, registry, Report())
    if composed is None:
        return
    remember_secrets(composed.plain)
    if arguments.has("--resolve"):
        for name in referenced_variables(str(composed.plain.get("trial"))):
            remember_secret(os.environ.get(name, ""))


def _mask_yaml(text: str) -> str:
    """Mask the secrets in what Hydra printed, if it is YAML. In other text, `echo` masks them."""
    try:
        body = yaml.safe_load(text)
    except yaml.YAMLError:
        return text
    masked = mask_body(body) if isinstance(body, dict) else body
    if masked == body:
        return text
    return yaml.safe_dump(masked, sort_keys=False, allow_unicode=True)


def _run_nothing(_: DictConfig) -> None:
    """Do nothing, as the task function that Hydra requires; our commands run the sweeps."""
