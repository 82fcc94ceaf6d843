"""Ignore rules match what git matches, in any tree and with any patterns."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sweepwright.runner_client.code_listing import scan

GIT = shutil.which("git") or "git"
ENVIRONMENT = {
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_OPTIONAL_LOCKS": "0",
}
# Few letters, so that patterns often match.
NAMES = st.sampled_from(
    ["a", "b", "ab", "A", "é", "a b", "a ", "#a", "!b", "[a]", "*", "a.b", "-"]
)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
ATOMS = st.sampled_from(
    [
        *("a", "b", "ab", "A", "é", ".", " ", "#", "!", "-", "\t", "\r"),
        *("*", "**", "***", "?", "/", "/", "**/", "/**", "\\", "\\a", "\\*", "\\ ", "\\[", "\\/"),
        *("[ab]", "[!a]", "[^a]", "[a-b]", "[b-a]", "[]a]", "[!]a]", "[a", "[", "]", "[\\]a]"),
        *("[[:alpha:]]", "[[:space:]b]", "[[:none:]]", "[[:a]", "[:a]", "[a-]", "[/]", "[--a]"),
        *("[[:punct:][:upper:]]", "[\\a-b]", "[!/]"),
    ]
)
ODD = st.lists(ATOMS, max_size=5).map("".join)
SEGMENTS = st.sampled_from(["a", "b", "ab", "*", "**", "?", "[ab]", "a*", "*b", "a**", "[!a]*"])
USUAL = st.lists(SEGMENTS, min_size=1, max_size=3).map("/".join)
PATTERNS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "", "!", "/", "!/"]),
    st.one_of(USUAL, USUAL, ODD),
    st.sampled_from(["", "", "", "/", " ", "\\"]),
)
FILES = st.lists(PATTERNS, min_size=1, max_size=4)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("repository")
    subprocess.run([GIT, "init", "-q", str(top)], env=ENVIRONMENT, check=True)
    return top


def plant(top: Path, paths: Iterable[str], rules: dict[str, list[str]]) -> None:
    for old in top.iterdir():
        if old.name != ".git":
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    for path in paths:
        # Where a file and a folder would have the same name, whichever came first stays.
        if not any(parent.is_file() for parent in (top / path).parents):
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            if not (top / path).exists():
                (top / path).touch()
    for folder, lines in rules.items():
        if (top / folder).is_dir():
            (top / folder / ".gitignore").write_bytes("\n".join(lines).encode())


def ignored_by_git(top: Path, paths: Iterable[str]) -> set[str]:
    result = subprocess.run(
        [GIT, "check-ignore", "--no-index", "-z", "--stdin"],
        cwd=top,
        env=ENVIRONMENT,
        input=b"\0".join(map(os.fsencode, paths)),
        capture_output=True,
        check=False,
    )
    assert result.returncode in (0, 1), result.stderr
    return set(filter(None, map(os.fsdecode, result.stdout.split(b"\0"))))


def all_files(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }


@given(
    paths=st.lists(PATHS, min_size=1, max_size=10),
    root=FILES,
    nested=st.dictionaries(PATHS, FILES, max_size=2),
    exclude=st.lists(PATTERNS, max_size=1),
    below=st.booleans(),
)
@example(paths=["ax/y/b"], root=["a**/b"], nested={}, exclude=[], below=False)
@example(
    paths=["a/b", "a/ab"], root=["*", "!*/", "!ab"], nested={"a": ["!b"]}, exclude=[], below=False
)
@example(paths=["a/b"], root=["a/b "], nested={}, exclude=[], below=True)
def test_the_same_files_are_left_out_as_by_git(
    repository: Path,
    paths: list[str],
    root: list[str],
    nested: dict[str, list[str]],
    exclude: list[str],
    below: bool,  # noqa: FBT001 - drawn
) -> None:
    plant(repository, paths, {"": root, **nested})
    (repository / ".git/info/exclude").write_bytes("\n".join(exclude).encode())
    folders = [path for path in sorted(repository.iterdir()) if path.is_dir()]
    folder = next((f for f in folders if f.name != ".git"), repository) if below else repository
    if folder != repository and ignored_by_git(repository, [folder.name]):
        return  # git looks at nothing in it, but a user has chosen it as the trial's folder
    every = all_files(folder)

    assert {entry.path for entry in scan(folder).files} == every - ignored_by_git(folder, every)


ODD_PATTERNS = [
    *(
        "[!a]",
        "[^a]",
        "[]a]",
        "[!]a]",
        "[a-",
        "[a",
        "[",
        "a]",
        "[b-a]",
        "[a-]",
        "[--a]",
        "[a-b-z]",
    ),
    *("[\\]a]", "[\\a-b]", "[a-\\b]", "[\\", "[a\\", "[a-\\", "/x[/]a", "/x[!b]a", "/x?a", "x?a"),
    *("[[:alpha:]]", "[[:space:]b]", "[[:none:]]", "[[:a]", "[[:]", "[[::]]", "[[:alpha]"),
    *("[[:punct:][:upper:]]", "[![:alnum:]]", "[[:xdigit:]-z]", "[a[:digit:]"),
    *("a ", "a  ", "a\\ ", "a\\  ", "a\\\\ ", "a\\\\\\ ", "a\t", " a", "a\r", "a\\", "\\a", "\\"),
    *("#a", "\\#a", "!b", "\\!b", "!", "! ", "/", "//", "a//", "//a", "a/", "/a", "x/a", "/x/*"),
    *("x/**", "**/a", "/**/a", "x/**/a", "x**a", "x/***", "x/**\\/a", "***/a", "**a", "/**", "**"),
    *("x/", "x*/", "*/a", "\\*", "[*]", "a.?", "*.b", ".*", "é", "[é]", "??", "?"),
]
FOR_EACH = [
    *("a", "b", "c", "z", "A", "1", "é", "-", "]", "[", "!", ".b", "a.b", "ab", "a b", "!b", "#a"),
    *("a ", "a  ", " a", "a\t", "a\r", "a\\", "\\", "*", "[a", "a]", "a-", "[:", ":", " ", "\t"),
    *("x/a", "x/c/a", "x/c/d/a", "xya", "xy/a", "\udcff"),
]


def test_each_odd_pattern_matches_what_git_matches(repository: Path) -> None:
    """Each pattern stands in a folder of its own, among the same names."""
    (repository / ".git/info/exclude").write_text("")
    folders = [f"folder{number}" for number in range(len(ODD_PATTERNS))]
    paths = [f"{folder}/{name}" for folder in folders for name in FOR_EACH]
    # The first line leaves out all that a negation then includes again.
    rules = {
        folder: ["*", pattern] if pattern.startswith("!") else [pattern]
        for folder, pattern in zip(folders, ODD_PATTERNS, strict=True)
    }
    plant(repository, paths, rules)
    left_out = all_files(repository) - {entry.path for entry in scan(repository).files}
    theirs = ignored_by_git(repository, all_files(repository))

    assert {path.partition("/")[0] for path in theirs} != set(folders)
    assert left_out == theirs
