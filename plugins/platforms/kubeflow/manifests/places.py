"""Where things are in the container of a trial."""

from dataclasses import dataclass

from sweepwright.contracts import AttemptRef
from sweepwright.runner_client.pods.environment import ArchivedCode

from ..options import KubeflowOptions

ROOT = "/sweepwright"
INPUT = f"{ROOT}/input"
"""Folder with the kit and the code, from the sweep's ConfigMap."""
SCRATCH = f"{ROOT}/scratch"
"""Empty folder of the pod: the unpacked kit and code, and the files of the attempt."""
FILES = f"{ROOT}/files"
"""Folder in which checkpoints are kept."""
KIT = "kit.tgz"
CODE = "code.tgz"


@dataclass(frozen=True, slots=True)
class Contents:
    """What the sweep's ConfigMap holds; hashes are SHA-256 in hexadecimal."""

    kit: str
    """Hash of the kit's archive."""
    code: str | None = None
    """Hash of the tar file with the trial's folder; None if a volume or the image has it."""
    code_size: int = 0
    """Number of bytes of this tar file."""


def code_place(options: KubeflowOptions, contents: Contents) -> ArchivedCode | str:
    """Say where the trial's folder is in the container: in an archive, or in a folder."""
    if contents.code is None:
        return options.code_path or "/"
    return ArchivedCode(f"{INPUT}/{CODE}", contents.code, contents.code_size)


def files_place(options: KubeflowOptions, sweep: str) -> str | None:
    """Say where the checkpoints of a sweep are kept; None if they vanish with their pods."""
    if options.files.claim:
        # A `subPath` of the mount would be made by the kubelet, for root alone to write.
        parts = (FILES, (options.files.sub_path or "").strip("/"), sweep)
        return "/".join(filter(None, parts))
    return f"{options.files.url.rstrip('/')}/{sweep}" if options.files.url else None


def describe_checkpoint(options: KubeflowOptions, sweep: str, attempt: AttemptRef) -> str | None:
    """Say to a user where the checkpoint of an attempt is kept; None if it is not kept."""
    folder = f"{sweep}/trials/{attempt.trial}/{attempt.attempt}/checkpoint"
    if options.files.claim:
        inside = "/".join(filter(None, ((options.files.sub_path or "").strip("/"), folder)))
        return f"the folder {inside} of the volume that the claim `{options.files.claim}` names"
    return f"{options.files.url.rstrip('/')}/{folder}" if options.files.url else None
