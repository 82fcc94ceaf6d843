"""Folders of files that tests list and pack."""

from pathlib import Path

from sweepwright.runner_client.code_listing import Listing

KEY = b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n"


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Write files into a folder, and make the folders around them."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def sent(listing: Listing) -> list[str]:
    """Return the paths of the files that are sent."""
    return [entry.path for entry in listing.files]
