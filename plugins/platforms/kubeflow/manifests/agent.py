"""What the container of a role runs: the agent, and what the agent is told."""

from sweepwright.contracts import Job, Role
from sweepwright.runner_client.pods.bootstrap import BOOTSTRAP
from sweepwright.runner_client.pods.environment import PodInputs, pod_environment
from sweepwright.runner_client.submission import Renderer

from ..options import PYTHON, KubeflowOptions, PodOptions
from .places import INPUT, KIT, SCRATCH, Contents, code_place, files_place

_RENDERER = Renderer.for_other_machines(threads=1)


def agent_command(pod: PodOptions) -> list[str]:
    """Return the command that starts the agent; it contains no other value of a user."""
    return [pod.python or PYTHON, "-c", BOOTSTRAP]


def agent_description(
    options: KubeflowOptions, sweep: str, contents: Contents, job: Job, role: Role
) -> str:
    """Describe to the agent what it runs.

    Raises
    ------
    ValueError
        When the description is too long for an environment variable.
    """
    inputs = PodInputs(
        kit=f"{INPUT}/{KIT}",
        kit_hash=contents.kit,
        code=code_place(options, contents),
        scratch=SCRATCH,
        files=files_place(options, sweep),
    )
    return pod_environment(job, role, _RENDERER.render(job), inputs, sweep)
