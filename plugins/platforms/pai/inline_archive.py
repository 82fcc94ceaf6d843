"""Kit and code as one compressed archive, inside a submission or on a storage."""

import base64
import io
import lzma
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sweepwright.contracts import Entry, PythonModule, Role
from sweepwright.runner_client.code_archive import CodeError, pack
from sweepwright.runner_client.code_listing import Listing, scan

from .compact_kit import build_compact_kit

_TRIALS = "sweepwright.trials."
KIT = "kit.tar"
CODE = "code.tar"
"""Names of the archives, in this archive and in the folder in which a container finds them."""
MAX_BODY = 100 * 1024
"""Bytes of a submission that OpenPAI's server reads, the default of its library ``body-parser``
(microsoft/pai issue 4750); it answers a longer one with status 413."""
JOB_BYTES = 12 * 1024
"""Bytes to leave for the rest of a submission: the job's parameters, and the start program."""
KIT_BYTES = 60 * 1024
"""Bytes of the kit in base64, without the built-in trials, at most; a test compares."""
MAX_INLINE = MAX_BODY - JOB_BYTES
"""Bytes of kit and code, in base64, that a submission has room for."""


@dataclass(frozen=True, slots=True)
class Code:
    """The archives of one version of the code."""

    kit: bytes
    kit_hash: str
    code: bytes | None
    """None if the image contains the code."""
    code_hash: str = ""
    fault: str = ""
    """Why the code cannot be packed; empty if it could."""

    @property
    def inline(self) -> str:
        """Both archives, compressed, in base64."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            for name, data in ((KIT, self.kit), (CODE, self.code)):
                if data is not None:
                    info = tarfile.TarInfo(name)
                    info.size = len(data)
                    archive.addfile(info, io.BytesIO(data))
        packed = lzma.compress(buffer.getvalue(), preset=9)
        return base64.b64encode(packed).decode("ascii")


def uses_folder(roles: Sequence[Role]) -> bool:
    """Tell whether trials need the trial's folder; the built-in ones are in the kit."""
    return not all(_is_built_in(role.entry) for role in roles)


def pack_code(
    folder: str, roles: Sequence[Role], store: Path | None = None, *, with_code: bool = True
) -> Code:
    """Pack the kit and, unless the image contains it, the code of a folder without the store."""
    kit = build_compact_kit(trials=any(_is_built_in(role.entry) for role in roles))
    if not with_code:
        return Code(kit.data, kit.hash, None)
    path = Path(folder)
    listing = scan(path, [store] if store else []) if uses_folder(roles) else Listing(path, ())
    try:
        with pack(listing) as archive:
            return Code(kit.data, kit.hash, b"".join(archive.chunks()), archive.hash)
    except CodeError as error:
        return Code(kit.data, kit.hash, None, fault=str(error))


def _is_built_in(entry: Entry) -> bool:
    return isinstance(entry, PythonModule) and f"{entry.name}.".startswith(_TRIALS)
