"""Static checks of the options: every fault that can be found without a connection.

That there is no cluster, user or token is no fault here, because `plan` and `render` need none.
"""

import base64
import lzma
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from sweepwright.contracts import Finding, TrialCode
from sweepwright.diagnostics import did_you_mean
from sweepwright.runner_client.code_archive import CodeError, pack
from sweepwright.runner_client.code_listing import Listing, scan
from sweepwright.runner_client.shipping_checks import shipping_findings

from .command import SAFE_PATH
from .inline_archive import KIT_BYTES, MAX_INLINE, uses_folder
from .names import variable_part
from .options import PaiOptions, StorageOptions, files_storage, image_for, uses_gpu

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_STORAGE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_AT_LEAST_1 = (
    *("cpus", "memory", "shared_memory"),
    *("submissions_per_hour", "lists_per_minute", "requests_per_minute"),
)
_ABOVE_0 = ("poll_seconds", "log_seconds", "start_timeout", "request_timeout")
_PATHS = ("python", "scratch", "folder", "code_path")
_ABSOLUTE = ("scratch", "code_path")
_URL_HELP = "give the address of its web portal, such as `https://pai.example.com`"


def check_options(options: PaiOptions, code: TrialCode) -> Iterator[Finding]:
    """Find every fault in the options, in the roles, and in the files that are sent."""
    yield from _url_findings(options)
    yield from _variable_findings(options)
    yield from _number_findings(options)
    yield from _path_findings(options)
    yield from _storage_findings(options)
    yield from _code_findings(options)
    yield from _image_findings(options, code)
    yield from _role_findings(code)
    if options.code != "image" and uses_folder(code.roles):
        listing = scan(Path(code.folder))
        found = list(shipping_findings(listing, code))
        yield from found
        if options.code == "inline" and all(each.warning for each in found):
            yield from _size_findings(listing)


def _url_findings(options: PaiOptions) -> Iterator[Finding]:
    if options.ca_file is not None and not Path(options.ca_file).expanduser().is_file():
        yield Finding(("ca_file",), f"there is no file `{options.ca_file}`")
    if options.url is None:
        return
    parts = urlsplit(options.url)
    # Only the parts that cannot be secret are shown.
    if parts.scheme not in ("http", "https") or not parts.hostname:
        yield Finding(("url",), "`url` is not an address with `http://` or `https://`", _URL_HELP)
    elif "@" in parts.netloc or parts.query or parts.fragment:
        yield Finding(("url",), "`url` contains more than a host and a path", _URL_HELP)
    elif parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        message = f"`{parts.hostname}` is reached without encryption, and the token with it"
        yield Finding(("url",), message, "use `https://`", warning=True)


def _variable_findings(options: PaiOptions) -> Iterator[Finding]:
    named: list[tuple[tuple[str | int, ...], str]] = [(("token_env",), options.token_env)]
    named += [(("secret_env", i), name) for i, name in enumerate(options.secret_env)]
    for path, name in named:
        if not _VARIABLE.fullmatch(name):
            # It is not shown, because it may be the secret itself.
            what = f"an entry of `{path[0]}`" if len(path) > 1 else f"`{path[0]}`"
            message = f"{what} is not the name of an environment variable"
            help_ = "put the secret into an environment variable, and write the variable's name"
            yield Finding(path, message, help_)


def _number_findings(options: PaiOptions) -> Iterator[Finding]:
    for name in _AT_LEAST_1:
        if (value := getattr(options, name)) is not None and value < 1:
            yield Finding((name,), f"`{name}` is {value}, below 1")
    for name in _ABOVE_0:
        if (value := getattr(options, name)) is not None and not value > 0:
            yield Finding((name,), f"`{name}` is {value:g}, not above 0")
    if options.gpus < 0:
        yield Finding(("gpus",), f"`gpus` is {options.gpus}, below 0")


def _path_findings(options: PaiOptions) -> Iterator[Finding]:
    for name in _PATHS:
        if (path := getattr(options, name)) is not None:
            yield from _path_faults((name,), path, absolute=name in _ABSOLUTE)


def _path_faults(place: tuple[str | int, ...], path: str, *, absolute: bool) -> Iterator[Finding]:
    # Such a path stands in a shell command as it is.
    if not re.fullmatch(SAFE_PATH, path) or ".." in path.split("/"):
        help_ = "use letters, digits, and the characters `.`, `_`, `-` and `/`"
        yield Finding(place, f"`{place[-1]}` is not a plain path", help_)
    elif absolute and not path.startswith("/"):
        yield Finding(place, f"`{place[-1]}` does not begin with `/`")


def _storage_findings(options: PaiOptions) -> Iterator[Finding]:
    names = [each.name for each in options.storages]
    for index, storage in enumerate(options.storages):
        place = ("storages", index)
        if storage.name in names[:index]:
            yield Finding(place, f"two storages are called `{storage.name}`")
        if not _STORAGE.fullmatch(storage.name):
            yield Finding((*place, "name"), "`name` is not the name of a storage")
        else:
            yield from _path_faults((*place, "path"), storage.mount, absolute=True)
        yield from _local_findings(place, storage)
    if options.files is None:
        help_ = "name a storage: `platform.files=NAME 'platform.storages=[{name: NAME}]'`"
        message = "no storage keeps checkpoints, so a promoted trial starts from the beginning"
        yield Finding(("files",), message, help_, warning=True)
    elif options.files not in names:
        help_ = did_you_mean(options.files, names) or "add it there, or choose another"
        yield Finding(("files",), f"`{options.files}` is not among `storages`", help_)


def _local_findings(place: tuple[str | int, ...], storage: StorageOptions) -> Iterator[Finding]:
    if storage.local is not None and not Path(storage.local).expanduser().is_dir():
        message = f"there is no folder `{storage.local}`"
        help_ = "mount the storage there, or omit `local`"
        yield Finding((*place, "local"), message, help_)


def _code_findings(options: PaiOptions) -> Iterator[Finding]:
    if options.code == "image" and options.code_path is None:
        message = "`code=image` needs the folder of the image that contains the code"
        yield Finding(("code",), message, "give it as `platform.code_path`")
    if options.code != "image" and options.code_path is not None:
        yield Finding(("code_path",), "`code_path` has no effect without `code=image`")
    storage = files_storage(options)
    if options.code == "storage" and (storage is None or storage.local is None):
        message = "`code=storage` needs a storage that is mounted on this machine, too"
        help_ = "give its name as `platform.files`, and its folder here as `local` in `storages`"
        yield Finding(("code",), message, help_)


def _role_findings(code: TrialCode) -> Iterator[Finding]:
    """Find roles that OpenPAI would give the same name, and parts of a GPU."""
    seen: dict[str, str] = {}
    for role in code.roles:
        other = seen.setdefault(variable_part(role.name), role.name)
        if other != role.name:
            message = f"OpenPAI cannot tell the roles `{other}` and `{role.name}` apart"
            yield Finding((), message, "their names must differ in letters or digits")
        if not float(gpus := role.resources.get("gpu", 0.0)).is_integer():
            message = (
                f"role `{role.name}` requests {gpus:g} of a `gpu`, which OpenPAI cannot share"
            )
            yield Finding((), message, "request whole GPUs")


def _image_findings(options: PaiOptions, code: TrialCode) -> Iterator[Finding]:
    gpu = uses_gpu(options, code.roles)
    if image_for(options, code.kind, gpu=gpu) is None:
        what = f"jobs of kind `{code.kind}`" if code.kind else "trials without a framework"
        message = f"no image is known for {what}{' on GPUs' if gpu else ''}"
        help_ = "give one that has Python and what the trial imports: `platform.image=…`"
        yield Finding(("image",), message, help_)


def _size_findings(listing: Listing) -> Iterator[Finding]:
    """Find whether kit and code are too long for a submission."""
    try:
        with pack(listing) as archive:
            packed = lzma.compress(b"".join(archive.chunks()), preset=9)
    except CodeError as error:
        yield Finding((), str(error))
        return
    size, room = len(base64.b64encode(packed)), MAX_INLINE - KIT_BYTES
    if size > room:
        message = (
            f"the code takes {size:,} bytes of a submission, compressed, and OpenPAI accepts only "
            f"100 KiB, which leaves {room:,} bytes for code"
        )
        help_ = (
            "name in `.sweepignore` what trials do not need, or give `platform.code=storage` or "
            "`platform.code=image`"
        )
        yield Finding(("code",), message, help_)
