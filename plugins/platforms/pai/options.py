"""Options of ``platform=pai``. None of them contains a secret: they name where a secret is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from sweepwright.contracts import Role

IMAGES = "ghcr.io/kubeflow/kubeflow/notebook-servers"
"""Public images that hold Python, scikit-learn and a framework, and run as user 1000."""
TAG = "v1.11.0"
_CPU_IMAGES: Mapping[str | None, str] = {
    "PyTorchJob": "jupyter-pytorch-full",
    "TFJob": "jupyter-tensorflow-full",
    None: "jupyter-scipy",
}
_CUDA_IMAGES: Mapping[str | None, str] = {
    "PyTorchJob": "jupyter-pytorch-cuda-full",
    "TFJob": "jupyter-tensorflow-cuda-full",
}
SUBMISSIONS_PER_HOUR = 60
LISTS_PER_MINUTE = 60
REQUESTS_PER_MINUTE = 600
"""The limits of a cluster whose administrator has set no others, for each user."""


@dataclass(frozen=True, slots=True)
class StorageOptions:
    """A storage of the cluster that trials mount."""

    name: str
    """Name of the storage, as OpenPAI lists it."""
    path: str | None = None
    """Folder of the container at which it is mounted; null for ``/mnt/<name>``."""
    local: str | None = None
    """Folder of this machine at which the same storage is mounted; null if it is not."""

    @property
    def mount(self) -> str:
        """Folder of the container at which it is mounted."""
        return (self.path or f"/mnt/{self.name}").rstrip("/")


@dataclass(frozen=True, slots=True)
class PaiOptions:
    """Options of ``platform=pai``."""

    url: str | None = None
    """Address of the cluster's web portal, such as ``https://pai.example.com``."""
    username: str | None = None
    """Your user name in the cluster."""
    token_env: str = "PAI_TOKEN"  # noqa: S105 - the name of a variable, not a token
    """Name of the environment variable that contains the token."""
    token_file: str | None = None
    """File that contains the token, read again when the token expires; null to use `token_env`."""
    ca_file: str | None = None
    """File with the certificates of the authorities to trust; null for those of the system."""
    virtual_cluster: str | None = None
    """Virtual cluster in which jobs run; null for ``default``."""
    image: str | None = None
    """Docker image of the trials; null for a public one that fits the framework."""
    python: str = "python3"
    """Interpreter in the image, Python 3.8 or newer: a path, or a name that its shell finds."""
    cpus: int = 2
    """Number of CPUs of a process whose role requests no ``cpu``."""
    memory: int = 8192
    """MiB of memory of a process whose role requests no ``memory``."""
    gpus: int = 0
    """Number of GPUs of a process whose role requests no ``gpu``."""
    shared_memory: int | None = None
    """MiB of shared memory (``/dev/shm``); null for the cluster's default, 512."""
    code: Literal["inline", "storage", "image"] = "inline"
    """How trials get their code: inside each submission, through the storage `files`, or because
    the image contains it."""
    code_path: str | None = None
    """Folder of the image that contains the trial's code, with ``code=image``."""
    storages: tuple[StorageOptions, ...] = ()
    """Storages of the cluster that trials mount."""
    files: str | None = None
    """Name of the storage that keeps checkpoints and output; null to keep no checkpoints."""
    folder: str = "sweepwright"
    """Folder of the storage `files` for everything that sweepwright keeps there."""
    scratch: str = "/tmp/sweepwright"  # noqa: S108 - a folder of a container of its own
    """Folder of the container in which trials work."""
    secret_env: tuple[str, ...] = ()
    """Names of environment variables of this machine that trials receive as secrets of OpenPAI."""
    submissions_per_hour: int = SUBMISSIONS_PER_HOUR
    """Maximum number of jobs to submit in an hour, as the cluster allows."""
    lists_per_minute: int = LISTS_PER_MINUTE
    """Maximum number of times to list jobs in a minute, as the cluster allows."""
    requests_per_minute: int = REQUESTS_PER_MINUTE
    """Maximum number of all requests in a minute, as the cluster allows."""
    poll_seconds: float = 10.0
    """Seconds between two lists of the sweep's jobs."""
    log_seconds: float = 10.0
    """Seconds between two looks at the log of a running trial."""
    start_timeout: float | None = None
    """Seconds for which a job may wait for the cluster before it fails; null for no limit."""
    request_timeout: float = 30.0
    """Seconds after which a request without an answer has failed."""


def image_for(options: PaiOptions, kind: str | None, *, gpu: bool) -> str | None:
    """Return the image of a job; None if it is not given and none is known.

    Parameters
    ----------
    kind
        Kind of the framework's jobs, as in `Job.kind`.
    gpu
        Whether a role of the job requests GPUs.
    """
    if options.image is not None:
        return options.image
    name = (_CUDA_IMAGES if gpu else _CPU_IMAGES).get(kind)
    return f"{IMAGES}/{name}:{TAG}" if name else None


def uses_gpu(options: PaiOptions, roles: Iterable[Role]) -> bool:
    """Tell whether a role of a trial gets GPUs."""
    return any(role.resources.get("gpu", options.gpus) > 0 for role in roles)


def files_storage(options: PaiOptions) -> StorageOptions | None:
    """Return the storage that keeps the files of attempts."""
    return next((each for each in options.storages if each.name == options.files), None)


def sweep_mount(options: PaiOptions, sweep: str) -> str | None:
    """Return the folder of a sweep on the storage `files`, as containers see it."""
    storage = files_storage(options)
    return f"{storage.mount}/{options.folder}/{sweep}" if storage else None


def sweep_folder(options: PaiOptions, sweep: str) -> Path | None:
    """Return the folder of a sweep on the storage `files`, as this machine sees it."""
    storage = files_storage(options)
    if storage is None or storage.local is None:
        return None
    return Path(storage.local).expanduser() / options.folder / sweep


def finalize_options(options: PaiOptions) -> PaiOptions:
    """Make paths on this machine absolute, because a resume may start in another folder."""
    storages = (replace(each, local=_absolute(each.local)) for each in options.storages)
    return replace(
        options,
        url=options.url and options.url.rstrip("/"),
        ca_file=_absolute(options.ca_file),
        token_file=_absolute(options.token_file),
        storages=tuple(storages),
    )


def _absolute(path: str | None) -> str | None:
    # A path that begins with `~` is left as it is: the plan may be resumed by another user.
    return path if path is None or path.startswith("~") else str(Path(path).absolute())
