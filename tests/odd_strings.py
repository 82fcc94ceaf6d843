"""Strings that arrive changed if anything on their way reads them, and a script that tells."""

import random

PIECES = [
    *("", " ", "  ", "\t", "\n", "\r\n", "\\", "\\n", "'", '"', "''", "`", "`id`", "$", "$(id)"),
    *(
        "${HOME}",
        "$HOME",
        "%s",
        "%",
        "{}",
        "{0}",
        "${oc.env:HOME}",
        "@",
        "~",
        "~/",
        "!",
        "!!",
        "#",
    ),
    *("&", "&&", "|", ";", "<", ">", "*", "?", "[a]", "{a,b}", "(", ")", "=", ",", ":", "^", "-"),
    *("--", "-c", "-rf", "--help", "a", "Z", "0", "-1", "1e5", "null", "true", "é", "日本", "🦊"),
    *("\x01", "\x07", "\x1b[31m", "\x7f", "\x85", "\xa0", "\u2028", "\u202e", "\ufeff", "\ufffd"),
    *("$$", "$$(X)", "$(X)", "$(", "y", "no", "0x1", "1_0", "- a", "a: b", "<%", "%>", "<<:"),
    *("e\u0301", "\udc80", "\udcff", "sweepwright", "SWEEPWRIGHT_TRIAL", "/", "..", "\n@sweep"),
]
"""Parts of strings that a shell, a terminal, a parser or an encoding treats in its own way."""
ECHO = """
import json
import os
import sys

import sweepwright as nni

received = {
    "arguments": [os.fsencode(word).hex() for word in sys.argv[1:]],
    "variables": {
        name: os.fsencode(value).hex()
        for name, value in os.environ.items()
        if name.startswith("EXACT")
    },
    "parameters": nni.get_next_parameter(),
}
print(json.dumps(received))
"""
"""Script that prints the arguments, variables and parameters that it has received."""


def fuzz(number: int) -> list[str]:
    """Return odd strings, the same ones at each call."""
    generator = random.Random(11)  # noqa: S311 - it guards nothing
    lengths = [generator.choice((0, 1, 1, 2, 3, 5, 8)) for _ in range(number)]
    return ["".join(generator.choices(PIECES, k=length)) for length in lengths]
