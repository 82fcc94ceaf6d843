"""A test that failed does not let another one fail."""

import subprocess
import sys
from pathlib import Path

TESTS = """
import gc
import subprocess
import sys

def test_that_fails():
    command = [sys.executable, "-S", "-c", "input()"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.cycle = process
    raise ValueError

def test_that_passes():
    gc.collect()
"""


def test_no_later_test_is_blamed_for_what_a_failed_one_left_open(tmp_path: Path) -> None:
    (tmp_path / "test_both.py").write_text(TESTS)
    options = ["-p", "tests.conftest", "-c", "/dev/null", "-W", "error", "-q", str(tmp_path)]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.stdout.splitlines()[-1].startswith("1 failed, 1 passed in "), ran.stdout
