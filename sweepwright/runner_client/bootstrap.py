"""How a connection begins: a login shell of any kind starts the runner's session.

A login shell sees only `COMMAND`. It is always the same, contains no value of a user, and means
the same to bash, dash, ksh, zsh, fish and csh: it has one pair of single quotes, and in them no
quote, backslash, exclamation mark or newline. It starts the script below, which reads the rest
from its standard input (`opening`): the program to run, the interpreter and the activation
command, each as a line of base64, so that any character survives. The program (`kit_receiver`)
writes a marker before its first word. Everything before the marker is ignored, because shells may
print a lot.
"""

import base64
from pathlib import Path

MARKER = b"\n@sweepwright-runner "
"""Marker before the first word of the far end."""
MISSING = b"missing"
"""First word of the far end if there is no such interpreter."""
UNACTIVATED = b"unactivated"
"""First word of the far end if the activation command fails."""

COMMAND = (
    "exec sh -c 'exec 2>&1; IFS= read -r s; "
    's=$(printf %s "$s" | base64 -d); '
    "if command -v bash >/dev/null; "
    'then exec bash -c "$s" bash; else exec sh -c "$s" sh; fi\''
)

_SCRIPT = r"""
sweepwright_read() { IFS= read -r sweepwright_line; printf %s "$sweepwright_line" | base64 -d; }
sweepwright_program=$(sweepwright_read)
sweepwright_python=$(sweepwright_read; printf .)
sweepwright_python=${sweepwright_python%.}
sweepwright_activation=$(sweepwright_read)
case $sweepwright_python in
    "~/"*) sweepwright_python=$HOME/${sweepwright_python#"~/"} ;;
esac
if [ -n "$sweepwright_activation" ]; then
    trap 'printf "\n@%s-runner unactivated\n" sweepwright' EXIT
    eval "$sweepwright_activation" </dev/null || exit 1
    trap - EXIT
fi
if ! command -v "$sweepwright_python" >/dev/null; then
    printf '\n@%s-runner missing\n' sweepwright
    exit 127
fi
exec "$sweepwright_python" -c "$sweepwright_program"
"""
_PROGRAM = Path(__file__).with_name("kit_receiver.py")


def opening(python: str, activation: str) -> bytes:
    """Return the first input of `COMMAND`.

    Parameters
    ----------
    python : str
        Path of the interpreter, which may begin with ``~/``, or a name to search for on the path.
    activation : str
        Commands for the shell (bash, if the machine has it) that precede the interpreter, such as
        ``source ~/miniconda3/bin/activate torch``; may be empty.
    """
    # A name that begins with a dash would pass for an option.
    interpreter = f"./{python}" if python.startswith("-") else python
    texts = (_SCRIPT, _PROGRAM.read_text("utf-8"), interpreter, activation)
    return b"".join(base64.b64encode(text.encode()) + b"\n" for text in texts)
