"""Names in OpenPAI: of jobs, which are never used twice, and of task roles."""

import re

_SUFFIX = re.compile(r"-r(\d+)")
_ODD = re.compile(r"[^a-zA-Z0-9_]")
_ODD_FOR_LAUNCHER = re.compile(r"[^a-z0-9]")


def numbered_name(job: str, number: int) -> str:
    """Return the name of a job's submission; OpenPAI keeps the names of all jobs for ever.

    The first submission has the job's own name. Each further one, of a job that was taken back
    before it ran, has a number.
    """
    return job if number == 1 else f"{job}-r{number}"


def submission_number(job: str, name: str) -> int | None:
    """Return the number of a job's submission from its name; None for the name of another job."""
    if name == job:
        return 1
    if not name.startswith(job):
        return None
    match = _SUFFIX.fullmatch(name, len(job))
    return int(match[1]) if match else None


def role_name(role: str) -> str:
    """Return a role's name as a name of a task role: letters, digits and underscores."""
    name = _ODD.sub("_", role)
    return name if not name[:1].isdigit() else f"r_{name}"


def variable_part(role: str) -> str:
    """Return a role's name as OpenPAI writes it into the names of its variables.

    ``PAI_HOST_IP_<part>_<index>`` has only the letters and digits of the task role, in lower case.
    """
    return _ODD_FOR_LAUNCHER.sub("", role_name(role).lower())
