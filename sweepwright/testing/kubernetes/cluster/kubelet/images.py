"""Images that nodes can pull, and how a pull fails."""

import re
from collections.abc import Collection

from .containers import Container
from .runtime import NotReadyError

# The grammar of references, without the limits on its lengths.
_NAME = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"(?:[A-Za-z0-9.-]+(?::\d+)?/)?{_NAME}(?:/{_NAME})*(?::\w[\w.-]*)?(?:@sha256:[0-9a-f]{{64}})?"
)


class Images:
    """Knows which images can be pulled; all can, unless known images are listed."""

    def __init__(self, known: Collection[str] | None = None) -> None:
        self._known = None if known is None else set(known)
        self._missing: set[str] = set()

    def break_pull(self, image: str) -> None:
        """Let an image fail to be pulled from now on."""
        self._missing.add(image)

    def repair_pull(self, image: str) -> None:
        """Let an image be pulled again."""
        self._missing.discard(image)
        if self._known is not None:
            self._known.add(image)

    def pull(self, container: Container) -> None:
        """Raise `NotReadyError` if the image of a container cannot be pulled.

        The first failure is an `ErrImagePull`; then the kubelet backs off, until it tries again.
        """
        image = container.spec.get("image", "")
        if not _REFERENCE.fullmatch(image):
            parsing = f'couldn\'t parse image name "{image}": invalid reference format'
            message = f'Failed to apply default image tag "{image}": {parsing}'
            raise NotReadyError("InvalidImageName", message, "InspectFailed")
        missing = image in self._missing or (self._known is not None and image not in self._known)
        if not missing:
            return
        error = (
            f'failed to pull and unpack image "{image}": failed to resolve reference "{image}": '
            f"{image}: not found"
        )
        waiting = container.state.get("waiting") or {}
        if waiting.get("reason") == "ErrImagePull":
            message = f'Back-off pulling image "{image}": ErrImagePull: {error}'
            raise NotReadyError("ImagePullBackOff", message, "BackOff")
        if waiting.get("reason") == "ImagePullBackOff":
            raise NotReadyError("ImagePullBackOff", waiting["message"], "BackOff")
        raise NotReadyError("ErrImagePull", error, "Failed")
