"""The compact kit does what the kit does."""

import ast
import io
import tarfile

import pytest

from sweepwright.plugins.platforms.pai.compact_kit import build_compact_kit, shorten
from sweepwright.runner_client.kit import Kit, build_kit


def modules(kit: Kit) -> dict[str, str]:
    with tarfile.open(fileobj=io.BytesIO(kit.data)) as tar:
        files = {member.name: tar.extractfile(member) for member in tar}
        return {name: file.read().decode() for name, file in files.items() if file}


@pytest.mark.parametrize(
    ("source", "short"),
    [
        (
            '"""Doc."""\nfrom __future__ import annotations\n',
            "\nfrom __future__ import annotations\n",
        ),
        ("x = 1  # why\n", "x = 1\n"),
        ("x = '# not a comment'\n", "x = '# not a comment'\n"),
        ('def f():\n    """One.\n\n    Two.\n    """\n', "def f():\n    0\n\n\n\n"),
        ('class A:\n    x = 1\n    """What."""\n', "class A:\n    x = 1\n    0\n"),
    ],
)
def test_comments_and_docstrings_go(source: str, short: str) -> None:
    assert shorten(source) == short


def test_code_stays_as_it_is_on_the_same_lines() -> None:
    whole = modules(build_kit())
    for name, source in modules(build_compact_kit(trials=True)).items():
        assert _code(source) == _code(whole[name]), name


def _code(source: str) -> list[str]:
    """List the statements of a module with their lines, without those that do nothing."""
    return [
        f"{node.lineno} {type(node).__name__} {getattr(node, 'name', '')}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.stmt)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]


def test_what_a_container_does_not_import_is_left_out() -> None:
    small, large = (modules(build_compact_kit(trials=trials)).keys() for trials in (False, True))

    assert "sweepwright/runner/pod/main.py" in small
    assert "sweepwright/runner/service/unpacking.py" in small
    assert "sweepwright/runner/service/daemon.py" not in large
    assert large - small == {name for name in large if name.startswith("sweepwright/trials/")}
