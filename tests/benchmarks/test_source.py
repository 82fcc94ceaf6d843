"""What a tuner is made of is found by its imports, and nothing else changes its digest."""

from pathlib import Path

import pytest

from benchmarks.comparison.source import digest, relations


@pytest.fixture
def package(tmp_path: Path) -> Path:
    (tmp_path / "parts").mkdir()
    texts = {
        "tuner.py": "import os\ndef build():\n    from .parts.joint import build\n",
        "parts/__init__.py": "",
        "parts/joint.py": "from . import axes\nfrom ..shared import draw\n",
        "parts/axes.py": "",
        "shared.py": "",
        "other.py": "",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def test_relations_are_what_imports_lead_to(package: Path) -> None:
    found = {str(path.relative_to(package)) for path in relations(package / "tuner.py")}

    assert found == {
        "tuner.py",
        "parts/joint.py",
        "parts/axes.py",
        "parts/__init__.py",
        "shared.py",
    }


def test_only_relations_change_the_digest(package: Path) -> None:
    before = digest(package / "tuner.py")
    (package / "other.py").write_text("x = 1")
    same = digest(package / "tuner.py")
    (package / "parts" / "axes.py").write_text("x = 1")

    assert same == before
    assert digest(package / "tuner.py") != before
