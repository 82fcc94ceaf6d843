"""Static checks of what a trial takes along: its code and its checkpoints."""

import re
from collections.abc import Iterator

from sweepwright.contracts import Finding, TrialCode
from sweepwright.runner_client.code_archive import CodeError
from sweepwright.runner_client.code_listing import Listing
from sweepwright.runner_client.shipping_checks import shipping_findings
from sweepwright.secret_names import LOOKS_SECRET

from .manifests.config_map import MAX_BYTES, listing_of, pack_archives
from .options import KubeflowOptions

_MAX_UNPACKED = 64 << 20
"""Bytes of files that are packed to see how small they become."""
_MAX_NAMED = 3
_WAYS = (
    "name in `.sweepignore`, in the trial's folder, what the trials do not need; or give "
    "`code=volume` or `code=image` and `code_path`"
)


def code_findings(options: KubeflowOptions, code: TrialCode) -> Iterator[Finding]:
    """Find out why the trial's folder does not reach the pods."""
    if options.code != "configmap":
        yield from _path_findings(options)
        return
    if options.code_path is not None:
        message = "`code_path` has no effect while the code is packed in a ConfigMap"
        yield Finding(("code_path",), message, "omit it, or give `code=volume` or `code=image`")
    listing = listing_of(code)
    found = list(shipping_findings(listing, code)) if listing.entries else []
    yield from found
    if not any(not each.warning for each in found):
        yield from _size_findings(options, code, listing)


def _path_findings(options: KubeflowOptions) -> Iterator[Finding]:
    path = options.code_path
    has = "the image" if options.code == "image" else "a volume"
    if path is None:
        message = f"{has} has the trial's folder, but `code_path` does not say where"
        yield Finding(("code",), message, "give `code_path=/FOLDER`, its path in the container")
    elif not path.startswith("/") or ".." in path.split("/") or set(path) & set("\n\r\0"):
        help_ = "write an absolute path without `..`"
        yield Finding(("code_path",), f"`{path}` is not a folder in the container", help_)
    elif options.code == "volume" and not _is_mounted(path, options):
        help_ = "give a volume whose `mount` is this folder or one above it"
        yield Finding(("code_path",), f"none of `volumes` appears at `{path}` or above", help_)


def _is_mounted(path: str, options: KubeflowOptions) -> bool:
    mounts = [volume.mount.rstrip("/") for volume in options.volumes or ()]
    return any(f"{path}/".startswith(f"{mount}/") for mount in mounts)


def _size_findings(
    options: KubeflowOptions, code: TrialCode, listing: Listing
) -> Iterator[Finding]:
    """Report code that does not fit into a ConfigMap beside the kit."""
    if listing.size > _MAX_UNPACKED:
        yield _too_large(f"{listing.size >> 20:,} MiB of files", listing)
        return
    try:
        archives = pack_archives(options, code)
    except CodeError as error:
        yield Finding((), str(error))
        return
    if archives.size > MAX_BYTES:
        code_size, kit_size = len(archives.code or b""), len(archives.kit)
        sizes = f"{code_size:,} bytes when packed, beside {kit_size:,} of sweepwright's own"
        yield _too_large(sizes, listing)


def _too_large(sizes: str, listing: Listing) -> Finding:
    files = sorted(listing.files, key=lambda entry: (-entry.size, entry.path))[:_MAX_NAMED]
    largest = ", ".join(f"`{entry.path}` ({entry.size:,} bytes)" for entry in files)
    message = f"`{listing.folder}` has {sizes}, and a ConfigMap holds {MAX_BYTES:,}"
    return Finding(("code",), f"{message}; the largest files are {largest}", _WAYS)


def checkpoint_findings(options: KubeflowOptions, code: TrialCode) -> Iterator[Finding]:
    """Find faults in where checkpoints are kept, and warn if they are kept nowhere."""
    files = options.files
    if code.structure and not (files.claim or files.url):
        message = "checkpoints vanish with their pods, so promoted and retried trials begin anew"
        help_ = (
            "give `platform.files.claim=NAME`, a volume for all pods, or "
            "`platform.files.url=s3://BUCKET/FOLDER`"
        )
        yield Finding(("files",), message, help_, warning=True)
    if files.claim and files.url:
        message = "both `files.claim` and `files.url` are given"
        yield Finding(("files", "url"), message, "keep one of the two")
    if files.url is not None and LOOKS_SECRET.search(files.url):
        # It is not shown, because it contains a password.
        message = "`files.url` contains a secret"
        yield Finding(("files", "url"), message, "give the credentials as `secret_env`")
    elif files.url is not None and not re.fullmatch(r"[a-z][a-z0-9+.-]*://[^\s?#]+", files.url):
        help_ = "write one such as `s3://bucket/sweeps`"
        yield Finding(("files", "url"), f"`{files.url}` is not the address of a folder", help_)
