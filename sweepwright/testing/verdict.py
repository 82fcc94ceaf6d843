"""The verdict of a contract suite without pytest: which checks a plugin fails, and how."""

import inspect
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any


def failures(suite: type, *names: str) -> dict[str, str]:
    """Run the named checks of a suite, or all, and return what the failed ones said.

    A check stops at its first failure.
    """
    held = suite()
    checks = names or [name for name in dir(held) if name.startswith("test_")]
    verdicts = {name: _failure(held, getattr(held, name)) for name in checks}
    return {name: said for name, said in verdicts.items() if said is not None}


def _failure(suite: Any, check: Callable[..., None]) -> str | None:
    try:
        for arguments in _arguments(suite, check):
            with tempfile.TemporaryDirectory() as folder:
                check(**{k: Path(folder) if k == "tmp_path" else v for k, v in arguments.items()})
    except Exception as error:  # noqa: BLE001 - whatever a plugin raises is its verdict
        return f"{type(error).__name__}: {error}"
    return None


def _arguments(suite: Any, check: Callable[..., None]) -> Iterator[dict[str, Any]]:
    wanted = inspect.signature(check).parameters
    fixed = {"tmp_path": None} if "tmp_path" in wanted else {}
    if "problem" not in wanted:
        yield fixed
        return
    for problem in suite.problems().values():
        yield {**fixed, "problem": problem}
