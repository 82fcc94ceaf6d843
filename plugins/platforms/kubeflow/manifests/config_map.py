"""The ConfigMap of a sweep: the kit, and the trial's folder if it is sent.

Its name contains a hash of what it holds. So it never changes: a later version of sweepwright that
resumes the sweep makes another one, and pods of earlier jobs keep theirs.
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sweepwright.contracts import Entry, Job, PythonModule, Shipment, TrialCode
from sweepwright.events import Json
from sweepwright.runner_client.code_archive import pack
from sweepwright.runner_client.code_listing import Listing, scan
from sweepwright.runner_client.kit import PACKAGES, build_kit
from sweepwright.runner_client.pods.environment import gzipped

from ..names import sweep_name
from ..options import KubeflowOptions
from .metadata import sweep_labels
from .places import CODE, KIT, Contents

MAX_BYTES = 1 << 20
"""Maximum size of all values of a ConfigMap, which the API server enforces."""
_HASH_LENGTH = 8


@dataclass(frozen=True, slots=True)
class SweepArchives:
    """The archives that the pods of a sweep unpack."""

    contents: Contents
    kit: bytes
    code: bytes | None = None
    """The compressed archive of the trial's folder; None if a volume or the image has it."""

    @property
    def size(self) -> int:
        """Number of bytes."""
        return len(self.kit) + len(self.code or b"")


def pack_archives(
    options: KubeflowOptions, code: TrialCode | Job, excluded: Iterable[Path] = ()
) -> SweepArchives:
    """Pack the kit, and the trial's folder if it is sent.

    Parameters
    ----------
    excluded
        Folders that are left out, such as the store.

    Raises
    ------
    CodeError
        When a file cannot be packed.
    OSError
        When the trial's folder cannot be read.
    """
    kit = build_kit()
    if options.code != "configmap":
        return SweepArchives(Contents(kit.hash), kit.data)
    with pack(listing_of(code, excluded)) as archive:
        contents = Contents(kit.hash, archive.hash, archive.size)
        return SweepArchives(contents, kit.data, gzipped(archive))


def listing_of(code: TrialCode | Job, excluded: Iterable[Path] = ()) -> Listing:
    """List the files of the trial's folder that the pods need.

    If all roles run modules of the kit, the pods need none of them: the folder is then whichever
    one the sweep was started in.
    """
    folder = Path(code.folder)
    if all(_comes_with_kit(role.entry, folder) for role in code.roles):
        return Listing(folder, ())
    return scan(folder, excluded)


def config_map_name(sweep: str, contents: Contents) -> str:
    """Return the name of a sweep's ConfigMap."""
    both = sha256(f"{contents.kit} {contents.code}".encode()).hexdigest()
    return f"{sweep_name(sweep)}-{both[:_HASH_LENGTH]}"


def config_map(options: KubeflowOptions, sweep: str, archives: SweepArchives) -> Json:
    """Return the manifest of a sweep's ConfigMap."""
    files = {KIT: archives.kit, **({CODE: archives.code} if archives.code is not None else {})}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": config_map_name(sweep, archives.contents),
            **({"namespace": options.namespace} if options.namespace else {}),
            "labels": sweep_labels(sweep),
        },
        "immutable": True,
        "binaryData": {name: base64.b64encode(data).decode() for name, data in files.items()},
    }


def _comes_with_kit(entry: Entry, folder: Path) -> bool:
    """Tell whether an entry is a module of the kit that is given no files of the user's."""
    if not isinstance(entry, PythonModule) or entry.arguments:
        return False
    whole = tuple(f"{package}." for package, is_whole in PACKAGES.items() if is_whole)
    own = folder / f"{entry.name.replace('.', '/')}.py"
    return entry.name.startswith(whole) and not own.exists()


def shipment(options: KubeflowOptions, code: TrialCode) -> Shipment:
    """Describe to a user which files the ConfigMap holds."""
    if options.code != "configmap":
        return Shipment(())
    return listing_of(code).shipment(["the cluster's ConfigMap"])
