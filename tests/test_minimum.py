"""What is tested as the oldest of each dependency is what the package admits."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_oldest_versions_tested_are_the_lower_bounds() -> None:
    admitted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    bounds = dict(re.findall(r"^([\w-]+)>=([\d.]+)", "\n".join(admitted), re.MULTILINE))
    pinned = (ROOT / "tests" / "minimum.txt").read_text()
    tested = dict(re.findall(r"^([\w-]+)==([\d.]+)", pinned, re.MULTILINE))

    assert tested.keys() == bounds.keys()
    assert all(f"{tested[name]}.".startswith(f"{bound}.") for name, bound in bounds.items())
