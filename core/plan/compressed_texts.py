"""A list of texts that takes little memory."""

import zlib

_TEXTS_PER_BLOCK = 256
"""Texts that are compressed together. A larger block makes the access to a single text slower, and
compresses little better, because most of a text are the digits of floats."""


class CompressedTexts:
    """A list of JSON texts, to which texts can be appended. All but the last are compressed."""

    def __init__(self) -> None:
        self._blocks: list[bytes] = []
        self._last: list[str] = []
        """Texts that do not fill a block yet."""
        self._expanded: tuple[int, list[str]] = (-1, [])
        """The block that was read last, and its texts. Texts are mostly read in their order."""

    def __len__(self) -> int:
        """Return the number of texts."""
        return len(self._blocks) * _TEXTS_PER_BLOCK + len(self._last)

    def append(self, text: str) -> None:
        """Add a text, which is JSON without line breaks."""
        self._last.append(text)
        if len(self._last) == _TEXTS_PER_BLOCK:
            # JSON escapes line breaks, so they can separate the texts. A text may contain half of
            # a surrogate pair, which strict UTF-8 cannot encode.
            joined = "\n".join(self._last).encode(errors="surrogatepass")
            self._blocks.append(zlib.compress(joined))
            self._last = []

    def __getitem__(self, index: int) -> str:
        """Return the text with this index."""
        block, place = divmod(index, _TEXTS_PER_BLOCK)
        if block == len(self._blocks):
            return self._last[place]
        if block != self._expanded[0]:
            joined = zlib.decompress(self._blocks[block]).decode(errors="surrogatepass")
            self._expanded = block, joined.split("\n")
        return self._expanded[1][place]
