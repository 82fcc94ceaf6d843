"""The command of a task role: a fixed text, some plain paths, and lines of base64.

OpenPAI changes a command twice before a shell reads it. Its server replaces ``<% ... %>``, and
Kubernetes replaces ``$(NAME)``. No value of a user stands in the command as it is, except paths
that the option checks restrict to letters, digits and ``._/-``. Everything else is base64, in a
here-document whose delimiter is quoted, so that the shell replaces nothing in it either.

The archive of kit and code is the same for all task roles, so it stands once in the submission, as
a parameter that OpenPAI's templates fill in.
"""

import base64
import json
import zlib
from pathlib import Path

from sweepwright.events import Json

ARCHIVE = "sweepwright"
"""Name of the parameter with kit and code, and of the secret with variables."""
SAFE_PATH = r"[A-Za-z0-9._/-]+"
"""Paths that may stand in a command as they are."""
_END = "SWEEPWRIGHT"
_PROGRAM = Path(__file__).with_name("container_start.py")
# It has no single quote, no dollar sign and no percent sign.
_LOADER = (
    "import base64,sys,zlib;"
    "exec(compile(zlib.decompress(base64.b64decode(sys.stdin.readline())),"
    '"sweepwright/container_start.py","exec"))'
)


def container_command(
    python: str, scratch: str, storage: str | None, job: Json, *, inline: bool, secrets: bool
) -> str:
    """Return the command that starts the agent in a container.

    Parameters
    ----------
    python, scratch, storage
        The interpreter, the folder to work in, and the sweep's folder on the shared storage.
    job
        What `container_start` reads: the bootstrap of the agent, and the description of the job.
    inline
        Whether kit and code are in the submission.
    secrets
        Whether the submission has secrets for the environment of trials.
    """
    program = _packed(_PROGRAM.read_bytes())
    return "\n".join(
        [
            f"exec {python} -c '{_LOADER}' {scratch} {storage or '-'} <<'{_END}'",
            program,
            _packed(json.dumps(job, separators=(",", ":")).encode("ascii")),
            f"<% $parameters.{ARCHIVE} %>" if inline else "-",
            f"<% $secrets.{ARCHIVE} %>" if secrets else "-",
            _END,
        ]
    )


def _packed(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data, 9)).decode("ascii")
