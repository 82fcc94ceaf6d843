"""A list of texts that takes little memory."""

import pytest

from sweepwright.core.plan.compressed_texts import CompressedTexts
from sweepwright.protocol import dumps


def test_texts_are_found_again_wherever_they_are_stored() -> None:
    texts = [dumps({"x": number / 7, "name": "a\nb\u2028\ud800"}) for number in range(600)]
    stored = CompressedTexts()
    for text in texts:
        stored.append(text)

    assert len(stored) == 600
    assert [stored[index] for index in (599, 0, 255, 256, 511, 512, 1)] == [
        texts[index] for index in (599, 0, 255, 256, 511, 512, 1)
    ]
    with pytest.raises(IndexError):
        stored[600]
