"""Pages of the documentation, and the code blocks and commands in them."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def read_page(name: str) -> str:
    """Return the text of a page in ``docs/``."""
    return (ROOT / "docs" / name).read_text()


PROGRAM = r"(?:.*python run\.py|(?:\w+=\S+ )*sweepwright)(?:$| )(.*)$"


def block(text: str, language: str, number: int = 0) -> str:
    """Return a code block of a page, counted from 0 among those of its language."""
    blocks: list[str] = re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return blocks[number]


def commands(text: str) -> list[str]:
    """Return what a page gives to ``sweepwright`` or ``run.py``, without the program's name."""
    blocks = re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [found[1] for line in lines if (found := re.match(PROGRAM, line))]
