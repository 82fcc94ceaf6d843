"""What a platform sends to other machines before the first trial, as `plan` shows it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShippedFile:
    """A file that is sent."""

    path: str
    """Path from the trial's folder."""
    size: int
    """Number of bytes."""


@dataclass(frozen=True, slots=True)
class WithheldFile:
    """A file or folder that holds secrets."""

    path: str
    """Path from the trial's folder."""
    reason: str
    """How it was recognised, such as ``it begins as a private key does``."""


@dataclass(frozen=True, slots=True)
class Shipment:
    """What is sent of the trial's folder, once to each machine and for each version."""

    files: Sequence[ShippedFile]
    withheld: Sequence[WithheldFile] = ()
    """Secrets that are not sent."""
    targets: Sequence[str] = ()
    """Names of the machines."""
    permitted: Sequence[WithheldFile] = ()
    """Secrets that are sent, because the user has named each of them."""

    @property
    def size(self) -> int:
        """Number of bytes in all files."""
        return sum(file.size for file in self.files)
