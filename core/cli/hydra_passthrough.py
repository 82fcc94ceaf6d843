"""Hydra's flags, such as ``--cfg``, ``--info`` and tab completion, served by ``hydra.main``.

Hydra runs nothing here: it prints, and what it would print as a traceback becomes findings.
"""

import logging
import os
import sys
from collections.abc import Sequence

import hydra
from omegaconf import DictConfig

from sweepwright.diagnostics import CompileError, Report

from ..compiler.compose import CONFIG_FOLDER, CONFIG_NAME, compose, register_groups
from ..compiler.compose.hydra_compat import BASE
from ..registry.registry import Registry
from .arguments import Arguments, UsageError
from .completion import complete


def main(arguments: Arguments) -> int:
    """Let Hydra serve the flags."""
    registry = Registry.load()
    register_groups(registry)
    if "--shell-completion" in arguments.hydra and not complete(arguments):
        return 0
    try:
        return _serve([*arguments.hydra, *arguments.overrides])
    except Exception as error:
        report = Report()
        compose(arguments.overrides, registry, report)
        if report.failed:
            raise CompileError(list(report)) from error
        # It composes, so the flag is at fault.
        raise UsageError(" ".join(str(error).split())) from error


def _serve(arguments: Sequence[str]) -> int:
    """Call Hydra, so that it raises whatever goes wrong."""
    before, sys.argv = sys.argv, [sys.argv[0], *arguments]
    os.environ["HYDRA_FULL_ERROR"] = "1"
    # Hydra prints through logging, which would complain of a reader that has seen enough.
    logging.raiseExceptions = False
    try:
        serve = hydra.main(config_path=str(CONFIG_FOLDER), config_name=CONFIG_NAME, **BASE)
        serve(_run_nothing)()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    finally:
        sys.argv = before
        logging.raiseExceptions = True
        del os.environ["HYDRA_FULL_ERROR"]
    return 0


def _run_nothing(_: DictConfig) -> None:
    """Stand in for the task: sweeps are run by our verbs."""
