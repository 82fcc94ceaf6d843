r"""Patterns of ``.gitignore`` files, which match as git matches them.

A pattern is translated to a regular expression over the bytes of a path, because git compares
bytes. The translation follows git's ``dir.c`` and ``wildmatch.c``, where these differ from the
manual too; a property test compares it with ``git check-ignore``. The library `pathspec` differs
from git in one of fifteen such cases: character classes such as ``[[:alpha:]]``, escapes between
brackets, tabs at the end of a line, and a lone ``!``, at which it raises.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SPECIAL = re.compile(rb"[*?\[\\]")
_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_STARS = re.compile(rb"\*+")
_CLASS = re.compile(rb"\[:([^\]]*)\]")
_CLASSES = {
    b"alnum": rb"[0-9A-Za-z]",
    b"alpha": rb"[A-Za-z]",
    b"blank": rb"[ \t]",
    b"cntrl": rb"[\x00-\x1f\x7f]",
    b"digit": rb"[0-9]",
    b"graph": rb"[!-~]",
    b"lower": rb"[a-z]",
    b"print": rb"[ -~]",
    b"punct": rb"[!-/:-@\[-`{-~]",
    b"space": rb"[\t-\r ]",
    b"upper": rb"[A-Z]",
    b"xdigit": rb"[0-9A-Fa-f]",
}


@dataclass(frozen=True, slots=True)
class IgnorePattern:
    """One line of a file of patterns."""

    text: str
    line: int
    """Number of the line in its file, from 1."""
    negated: bool
    """Whether the pattern includes what it matches, because it begins with ``!``."""
    literal: bool
    """Whether the pattern can match a single name only: a backslash escapes each wildcard."""
    folders_only: bool
    anchored: bool
    """Whether the pattern is compared with the path from the file's folder, not with the name."""
    regex: re.Pattern[bytes]

    def matches(self, path: bytes, *, is_folder: bool) -> bool:
        """Tell whether the pattern matches a path, which begins below the file's folder."""
        if self.folders_only and not is_folder:
            return False
        text = path if self.anchored else path.rpartition(b"/")[2]
        return self.regex.fullmatch(text) is not None


def parse_patterns(text: bytes) -> Iterator[IgnorePattern]:
    """Parse a file of patterns; comments, empty lines and what can never match are left out."""
    for number, line in enumerate(text.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not line.startswith(b"#") and (pattern := _parse(line.removesuffix(b"\r"), number)):
            yield pattern


def _parse(line: bytes, number: int) -> IgnorePattern | None:
    line = _without_trailing_spaces(line)
    negated = line.startswith(b"!")
    body = line[1:] if negated else line
    folders_only = body.endswith(b"/")
    body = body.removesuffix(b"/")
    anchored = b"/" in body
    regex = _translate(body.removeprefix(b"/"))
    if not body or regex is None:
        return None
    return IgnorePattern(
        text=line.decode(errors="replace"),
        line=number,
        negated=negated,
        literal=not _SPECIAL.search(_ESCAPED.sub(b"", body)),
        folders_only=folders_only,
        anchored=anchored,
        regex=re.compile(regex, re.DOTALL),
    )


def _without_trailing_spaces(line: bytes) -> bytes:
    """Remove spaces at the end, except one after a backslash; other white space is kept."""
    stripped = line.rstrip(b" ")
    backslashes = len(stripped) - len(stripped.rstrip(b"\\"))
    # The last of an odd number of backslashes escapes the space after it.
    return line[: len(stripped) + 1] if backslashes % 2 else stripped


def _translate(pattern: bytes) -> bytes | None:
    """Translate a pattern to a regular expression; None if it can never match."""
    found = _SPECIAL.search(pattern)
    if found is None:
        return re.escape(pattern)
    # Git compares the text before the first special character by itself, and starts its matcher
    # after it. Stars there count as the first of their path: `a**/b` matches `ax/y/b`.
    start = found.start()
    rest = _Translation(pattern[start:]).run()
    return None if rest is None else re.escape(pattern[:start]) + rest


class _Translation:
    """The translation of one pattern, from left to right."""

    def __init__(self, pattern: bytes) -> None:
        self._pattern = pattern
        self._at = 0

    def run(self) -> bytes | None:
        parts: list[bytes] = []
        while self._at < len(self._pattern):
            part = self._next()
            if part is None:
                return None
            parts.append(part)
        return b"".join(parts)

    def _next(self) -> bytes | None:
        match self._pattern[self._at : self._at + 1]:
            case b"*":
                return self._stars()
            case b"[":
                return self._brackets()
            case b"?":
                self._at += 1
                return rb"[^/]"
            case b"\\":
                self._at += 2
                # A backslash at the end escapes nothing, and nothing matches it.
                return re.escape(self._pattern[self._at - 1 : self._at]) or None
            case other:
                self._at += 1
                return re.escape(other)

    def _stars(self) -> bytes:
        """Translate stars: two or more stars between slashes match any number of folders."""
        begin = self._at
        stars = _STARS.match(self._pattern, begin)
        assert stars, "called at a star"
        self._at = stars.end()
        rest = self._pattern[self._at :]
        opens = begin == 0 or self._pattern[begin - 1 : begin] == b"/"
        closes = not rest or rest.startswith((b"/", rb"\/"))
        if self._at - begin == 1 or not (opens and closes):
            return rb"[^/]*"
        if rest.startswith(b"/"):
            self._at += 1
            return rb"(?:.*/)?"
        return rb".*"

    def _brackets(self) -> bytes | None:
        """Translate a set of characters, which never contains the slash."""
        self._at += 1
        negated = self._pattern[self._at : self._at + 1] in (b"!", b"^")
        self._at += negated
        members: list[bytes] = []
        before: bytes | None = None
        first = True
        while first or not self._pattern.startswith(b"]", self._at):
            first = False
            member, before = self._member(before)
            if member is None:
                return None
            members.append(member)
        self._at += 1
        union = b"|".join(filter(None, members)) or rb"(?!)"
        return rb"(?!/)" + (rb"(?!" + union + rb")." if negated else rb"(?:" + union + rb")")

    def _member(self, before: bytes | None) -> tuple[bytes | None, bytes | None]:
        """Translate a member of a set; return also the character that may begin a range.

        The first is None if the set does not end, or names an unknown class.
        """
        rest = self._pattern[self._at :]
        if before and rest.startswith(b"-") and rest[1:2] not in (b"", b"]"):
            self._at += 1
            last = self._character()
            return (None, None) if last is None else (_range(before, last), None)
        if rest.startswith(b"[:"):
            named = _CLASS.match(rest)
            if named is None:
                return None, None
            # Without a second colon the bracket stands for itself.
            if named[1].endswith(b":"):
                self._at += named.end()
                return _CLASSES.get(named[1][:-1]), None
        character = self._character()
        return (None, None) if character is None else (re.escape(character), character)

    def _character(self) -> bytes | None:
        """Read a character of a set, which a backslash may escape; None at the end."""
        self._at += self._pattern.startswith(b"\\", self._at)
        self._at += 1
        return self._pattern[self._at - 1 : self._at] or None


def _range(first: bytes, last: bytes) -> bytes:
    if first > last:
        return b""  # an empty range
    return b"[" + re.escape(first) + b"-" + re.escape(last) + b"]"
