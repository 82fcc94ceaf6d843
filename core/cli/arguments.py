"""The command line: verb, positionals and flags are ours, the overrides are Hydra's."""

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which

from sweepwright.diagnostics import did_you_mean

from .command_table import DEFAULT, VERBS, Verb


class UsageError(Exception):
    """A command line that makes no sense, in one line with a way out."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a command line asks for."""

    verb: Verb = DEFAULT
    named: bool = False
    """Whether the verb was typed, rather than meant."""
    sweep: str | None = None
    """Id of the sweep, None for the newest."""
    group: str | None = None
    """Config group, None for the root of the configuration."""
    key: str = ""
    """The key that a verb is about; empty for a verb about none."""
    overrides: tuple[str, ...] = ()
    format: str = ""
    """One of the verb's formats; empty for a verb without."""
    output: str | None = None
    """File to write to instead of standard output."""
    quiet: bool = False
    space: bool = False
    """Whether only the space is asked for."""
    port: int | None = None
    """Port to serve at, None for one that is free."""
    write_only: bool = False
    """Whether something is to be written, and not served."""
    multirun: bool = False
    help: bool = False
    version: bool = False
    config_dir: str | None = None
    """Folder that is searched for configuration as well; the overrides name it too."""
    hydra: tuple[str, ...] = ()
    """Flags that only Hydra can serve; empty for everything else."""


OURS = {
    "--format": 1,
    "--output": 1,
    "--quiet": 0,
    "--space": 0,
    "--port": 1,
    "--write-only": 0,
    "--help": 0,
    "--version": 0,
}
"""Our flags, and how many values each takes."""

HYDRAS = {
    "--hydra-help": 0,
    "--cfg": 1,
    "--package": 1,
    "--resolve": 0,
    "--info": 0,
    "--shell-completion": 0,
}
"""Flags that are passed on to Hydra; ``--info`` may have a value."""

COMPOSING = {"--multirun": 0, "--run": 0, "--config-dir": 1}
"""Hydra's flags that we serve ourselves, with every verb that composes."""

_SHORT = {
    "-q": "--quiet",
    "-o": "--output",
    "-h": "--help",
    "-c": "--cfg",
    "-p": "--package",
    "-i": "--info",
    "-sc": "--shell-completion",
    "-m": "--multirun",
    "-r": "--run",
    "-cd": "--config-dir",
}
_COMMANDS = {"--hydra-help", "--cfg", "--info", "--shell-completion"}
_PORTS = 65536
_PRINTED = ("job", "hydra", "all")
_TOPICS = ("all", "config", "defaults", "defaults-tree", "plugins", "searchpath")


def read_arguments(argv: Sequence[str]) -> Arguments:
    """Take the command line apart.

    Raises
    ------
    UsageError
        When the verb, a flag or a positional is none that we know.
    """
    sorting = _Sorting(list(argv))
    while sorting.left:
        sorting.take()
    return sorting.arguments()


def program() -> str:
    """Return how this program was called, for commands that a user can copy."""
    called = Path(sys.argv[0])
    if called.suffix == ".py":
        return f"python {shlex.quote(str(called))}"
    # A script on the search path is called by its name, though it is told where it lies.
    found = which(called.name)
    on_path = found is not None and Path(found) == called
    return called.name if on_path else shlex.quote(str(called))


def store_path(arguments: Arguments) -> Path:
    """Return the store that the overrides name."""
    named = [o for o in arguments.overrides if o.startswith("store.path=")]
    return Path(_unquoted(named[-1].partition("=")[2]) if named else "sweeps")


def _unquoted(value: str) -> str:
    """Take off the quotes that Hydra's grammar wants around odd characters."""
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if quoted else value


@dataclass
class _Sorting:
    """Arguments being sorted: what is left, and what was found so far."""

    left: list[str]
    words: list[str] = field(default_factory=list)
    overrides: list[str] = field(default_factory=list)
    flags: dict[str, str] = field(default_factory=dict)

    def take(self) -> None:
        """Sort the next argument, with the value of a flag that has one."""
        argument = self.left.pop(0)
        if argument.startswith("-"):
            self._take_flag(argument)
        elif "=" in argument or argument[:1] in ("~", "+"):
            self.overrides.append(argument)
        else:
            self.words.append(argument)

    def arguments(self) -> Arguments:
        """Make sense of what was found."""
        named = bool(self.words)
        verb = self._verb()
        sweep, group, key = self._rest(verb)
        self._check_flags(verb)
        self._check_overrides(verb)
        return Arguments(
            verb=verb,
            named=named,
            sweep=sweep,
            group=group,
            key=key,
            overrides=(*self.overrides, *self._searched()),
            format=self._format(verb),
            output=self.flags.get("--output"),
            quiet="--quiet" in self.flags,
            space="--space" in self.flags,
            port=self._port(),
            write_only="--write-only" in self.flags,
            multirun="--multirun" in self.flags,
            help="--help" in self.flags,
            version="--version" in self.flags,
            config_dir=self.flags.get("--config-dir"),
            hydra=self._served(),
        )

    def _take_flag(self, argument: str) -> None:
        name, equals, value = argument.partition("=")
        name = _SHORT.get(name, name)
        known = {**OURS, **HYDRAS, **COMPOSING}
        if name not in known:
            nearest = did_you_mean(name, [flag for flag in known if flag.startswith("--")])
            raise UsageError(f"no flag is called `{name}`; {nearest}")
        if known[name] and not equals:
            if not self.left:
                raise UsageError(f"`{name}` wants a value after it")
            value = self.left.pop(0)
        elif name == "--info" and not equals and self.left and self.left[0] in _TOPICS:
            value = self.left.pop(0)
        choices = {"--cfg": _PRINTED, "--info": _TOPICS}.get(name, ())
        if value and choices and value not in choices:
            raise UsageError(f"`{name}` has no `{value}`; it has {_listed(choices)}")
        self.flags[name] = value

    def _verb(self) -> Verb:
        if not self.words:
            return DEFAULT
        name = self.words.pop(0)
        if name not in VERBS:
            self._check_cut_off(name)
            raise UsageError(f"no verb is called `{name}`; {did_you_mean(name, list(VERBS))}")
        return VERBS[name]

    def _check_cut_off(self, word: str) -> None:
        """Blame the space in an override that is not quoted, rather than what follows it."""
        for override in self.overrides:
            if any(override.count(left) > override.count(right) for left, right in ("{}", "[]")):
                raise UsageError(
                    f"`{override}` ends at a space; quote all of it: '{override} {word} …'"
                )

    def _rest(self, verb: Verb) -> tuple[str | None, str | None, str]:
        """Take what may follow a verb: a sweep, a group, or a key."""
        sweep = self.words.pop(0) if verb.sweep and self.words else None
        group = self.words.pop(0) if verb.group and self.words else None
        key = self._key(verb)
        if self.words:
            takes = f"{verb.name} {verb.takes}".strip()
            raise UsageError(f"`{self.words[0]}` is one word too many; the usage is: {takes}")
        return sweep, group, key

    def _key(self, verb: Verb) -> str:
        if not verb.key or "--help" in self.flags:
            return ""
        if not self.words:
            raise UsageError(f"`{verb.name}` wants a key; the usage is: {verb.name} {verb.takes}")
        return self.words.pop(0)

    def _check_flags(self, verb: Verb) -> None:
        allowed = {"--help", "--version", *verb.flags}
        allowed |= {"--format"} if verb.formats else set()
        allowed |= set(COMPOSING) if verb.composes else set()
        allowed |= set(HYDRAS) if verb is DEFAULT else set()
        for name in self.flags:
            if name not in allowed:
                raise UsageError(
                    f"`{verb.name}` has no flag `{name}`; it has {_listed(sorted(allowed))}"
                )
            if name in ("--package", "--resolve") and not _COMMANDS & set(self.flags):
                raise UsageError(f"`{name}` says how `--cfg` prints; give that as well")
        if {"--space", "--format"} <= set(self.flags):
            raise UsageError("`--space` writes YAML; leave `--format` out")
        if {"--write-only", "--port"} <= set(self.flags):
            raise UsageError("`--write-only` serves nothing; leave `--port` out")

    def _check_overrides(self, verb: Verb) -> None:
        for override in self.overrides:
            if verb.keys is not None and override.partition("=")[0] not in verb.keys:
                takes = verb.takes or "no overrides"
                raise UsageError(
                    f"`{override}` means nothing to `{verb.name}`, which takes {takes}"
                )

    def _format(self, verb: Verb) -> str:
        chosen = self.flags.get("--format")
        if chosen is None:
            return verb.formats[0] if verb.formats else ""
        if chosen not in verb.formats:
            raise UsageError(
                f"`{verb.name}` has no format `{chosen}`; it has {_listed(verb.formats)}"
            )
        return chosen

    def _port(self) -> int | None:
        port = self.flags.get("--port")
        if port is None:
            return None
        if not (port.isascii() and port.isdigit() and int(port) < _PORTS):
            raise UsageError(f"`--port` wants a number below {_PORTS}, not `{port}`")
        return int(port)

    def _searched(self) -> list[str]:
        directory = self.flags.get("--config-dir")
        if directory is None:
            return []
        if not Path(directory).is_dir():
            raise UsageError(f"`--config-dir` names {directory}, which is no folder")
        # In quotes, since a path may hold what Hydra's grammar reads otherwise.
        return [f'hydra.searchpath=["file://{Path(directory).resolve()}"]']

    def _served(self) -> tuple[str, ...]:
        """Put Hydra's flags in front: it takes none after an override."""
        return tuple(
            word
            for name, value in self.flags.items()
            if name in HYDRAS
            for word in ((name, value) if value else (name,))
        )


def _listed(words: Sequence[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)
