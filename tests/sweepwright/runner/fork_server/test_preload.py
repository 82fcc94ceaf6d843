"""Anonymous memory is collapsed into huge pages, and nothing else is touched."""

import subprocess
import sys

from sweepwright.runner.fork_server.preload import _regions

MAPS = [
    "55d000000000-55d000900000 r-xp 00000000 fe:00 12345        /usr/bin/python3",
    "55d000a00001-55d000e00000 rw-p 00000000 00:00 0            [heap]",
    "7f0000100000-7f0000a00000 rw-p 00000000 00:00 0 ",
    "7f0001000000-7f0001001000 rw-p 00000000 00:00 0 ",
    "7f0002000000-7f0003000000 rw-p 00000000 fe:00 12345        /usr/lib/libc.so.6",
    "7f0004000000-7f0005000000 ---p 00000000 00:00 0 ",
    "7ffd00000000-7ffd00800000 rw-p 00000000 00:00 0            [stack]",
]


def test_only_anonymous_memory_is_collapsed_in_whole_huge_pages() -> None:
    assert list(_regions("\n".join(MAPS))) == [
        (0x55D000C00000, 0x200000),
        (0x7F0000200000, 0x800000),
    ]


def test_collapsed_memory_keeps_its_contents() -> None:
    code = """
from sweepwright.runner.fork_server.preload import collapse_memory
kept = [bytes([i % 256]) * 1000 for i in range(10_000)]
collapse_memory()
assert all(text == bytes([i % 256]) * 1000 for i, text in enumerate(kept))
"""
    subprocess.run([sys.executable, "-c", code], check=True)
