"""The program that a container runs: ``python -c BOOTSTRAP``.

It is the same in every container, and has no value of a user in it. Kubernetes would expand
``$(X)``, and some clusters put the text between single quotes in a shell script. So there is no
dollar, single quote, backtick, backslash or exclamation mark in it.
"""

from pathlib import Path

BOOTSTRAP = Path(__file__).with_name("starter.py").read_text("utf-8")
"""Source of `starter`, for any Python from 2.7 on."""
