"""Paths of mounted volumes in the texts that a container is given, replaced by local folders."""

import re
from collections.abc import Mapping


def localize(text: str, folders: Mapping[str, str]) -> str:
    """Replace each path that begins with a mount path; the longest mount path decides.

    A mount path is replaced only as a whole: ``/data`` neither in ``/database`` nor in
    ``/other/data``.
    """
    if not folders:
        return text
    ordered = sorted(folders, key=len, reverse=True)
    listed = "|".join(re.escape(path.rstrip("/")) for path in ordered)
    by_path = {path.rstrip("/"): folder for path, folder in folders.items()}
    pattern = rf"(?<![\w./-])({listed})(?![\w.-])"
    return re.sub(pattern, lambda match: by_path[match[1]], text)
