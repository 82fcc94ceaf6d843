"""Parser of the command line, which consists of a command, its positional, flags and overrides.

argparse cannot parse it, because Hydra's overrides (``+x=1``, ``~x``, ``key=value``) may stand
anywhere between the command and the flags, and because flags such as ``-sc`` and ``-cd`` have two
letters. The parser classifies a word by its first character and the tables in `command_table`.
"""

import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which

from sweepwright.diagnostics import did_you_mean

from .command_table import COMMANDS, DEFAULT_COMMAND, Command
from .flag_table import FLAGS, Flag


class UsageError(Exception):
    """The command line is invalid; the one-line message says how to correct it."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """A parsed command line."""

    command: Command = DEFAULT_COMMAND
    command_given: bool = False
    """Whether the user typed the command; if not, `command` is the default command."""
    sweep: str | None = None
    """Id of a sweep; None stands for the newest sweep."""
    trial: str = ""
    """The word that names a trial; empty if the command needs none."""
    group: str | None = None
    """Name of a config group; None stands for the root of the configuration."""
    key: str = ""
    """Key of the configuration; empty if the command needs no key."""
    document: str = ""
    """Name of a platform's document; empty if the command needs none."""
    overrides: tuple[str, ...] = ()
    """Hydra's overrides, including one for the folder that ``--config-dir`` names."""
    format: str = ""
    """Chosen format, or else the command's default; empty if the command has no formats."""
    flags: Mapping[str, str] = field(default_factory=dict)
    """Mapping from the long name of each given flag to its value, which is ``""`` for a switch."""

    def has(self, flag: str) -> bool:
        """Tell whether a flag was given."""
        return FLAGS[flag].name in self.flags

    def value(self, flag: str) -> str | None:
        """Return the value of a flag, or None if the flag was not given."""
        return self.flags.get(FLAGS[flag].name)

    @property
    def hydra_flags(self) -> tuple[str, ...]:
        """The given flags that Hydra serves, each followed by its value."""
        return tuple(
            word
            for name, value in self.flags.items()
            if FLAGS[name].hydra
            for word in ((name, value) if value else (name,))
        )


def parse_arguments(argv: Sequence[str]) -> Arguments:
    """Parse a command line; `argv` excludes the program's name.

    Raises
    ------
    UsageError
        If the command is unknown, or if it does not accept one of the words that follow it.
    """
    parser = _Parser(list(argv))
    while parser.remaining:
        parser.take()
    return parser.arguments()


def invocation() -> str:
    """Return the words that call this program, for printed commands that a user can copy."""
    called = Path(sys.argv[0])
    if called.suffix == ".py":
        return f"python {shlex.quote(str(called))}"
    # A script found on PATH is called by its name, but sys.argv[0] holds its full path.
    found = which(called.name)
    on_path = found is not None and Path(found) == called
    return called.name if on_path else shlex.quote(str(called))


def store_path(arguments: Arguments) -> Path:
    """Return the folder of journals: the value of ``store.path=``, or else the default folder."""
    paths = [o.partition("=")[2] for o in arguments.overrides if o.startswith("store.path=")]
    if not paths:
        return Path("sweeps")
    path = paths[-1]
    # Hydra's grammar requires quotes around paths with unusual characters.
    quoted = len(path) > 1 and path[0] == path[-1] and path[0] in "'\""
    return Path(path[1:-1] if quoted else path)


@dataclass
class _Parser:
    """Arguments that remain to be parsed, and the parts found in the arguments before them."""

    remaining: list[str]
    words: list[str] = field(default_factory=list)
    overrides: list[str] = field(default_factory=list)
    flags: dict[str, str] = field(default_factory=dict)

    def take(self) -> None:
        """Classify the next argument; if it is a flag with a value, consume the value too."""
        argument = self.remaining.pop(0)
        if argument.startswith("-"):
            self._take_flag(argument)
        elif "=" in argument or argument[:1] in ("~", "+"):
            self.overrides.append(argument)
        else:
            self.words.append(argument)

    def arguments(self) -> Arguments:
        """Check that the command accepts the classified arguments, and return them together."""
        command_given = bool(self.words)
        command = self._command()
        trial = self._required(command, "TRIAL", "the number of a trial")
        takes_sweep = command.positional in ("SWEEP", "TRIAL")
        sweep = self.words.pop(0) if takes_sweep and self.words else None
        group = self.words.pop(0) if command.positional == "GROUP" and self.words else None
        key = self._required(command, "KEY", "a key")
        document = self._required(command, "DOCUMENT", "the name of a document, such as `rbac`")
        if self.words:
            raise UsageError(f"unexpected `{self.words[0]}`; usage: {command.usage}")
        self._check_flags(command)
        self._check_overrides(command)
        return Arguments(
            command=command,
            command_given=command_given,
            sweep=sweep,
            trial=trial,
            group=group,
            key=key,
            document=document,
            overrides=(*self.overrides, *self._search_path()),
            format=self._format(command),
            flags=self.flags,
        )

    def _take_flag(self, argument: str) -> None:
        name, equals, value = argument.partition("=")
        flag = FLAGS.get(name) or _BY_SHORT_NAME.get(name)
        if flag is None:
            raise UsageError(f"unknown flag `{name}`; {did_you_mean(name, list(FLAGS))}")
        if flag.value and not equals:
            value = self._value(flag)
        _check_value(flag, value)
        self.flags[flag.name] = value

    def _value(self, flag: Flag) -> str:
        """Take the next argument as the value of a flag."""
        if flag.value_optional and not (self.remaining and self.remaining[0] in flag.choices):
            return ""
        if not self.remaining:
            raise UsageError(f"`{flag.name}` needs a value: {flag.name} {flag.value}")
        return self.remaining.pop(0)

    def _command(self) -> Command:
        if not self.words:
            return DEFAULT_COMMAND
        name = self.words.pop(0)
        if name not in COMMANDS:
            self._check_split_override(name)
            raise UsageError(f"unknown command `{name}`; {did_you_mean(name, list(COMMANDS))}")
        return COMMANDS[name]

    def _check_split_override(self, word: str) -> None:
        """Raise if a word is the end of an override that the shell split at a space."""
        for override in self.overrides:
            if any(override.count(left) > override.count(right) for left, right in ("{}", "[]")):
                raise UsageError(
                    f"`{override}` ends in the middle of its value; "
                    f"quote an override that contains spaces: '{override} {word} …'"
                )

    def _required(self, command: Command, positional: str, what: str) -> str:
        if command.positional != positional:
            return ""
        if self.words:
            return self.words.pop(0)
        if "--help" in self.flags:  # a command needs no more to be explained
            return ""
        raise UsageError(f"`{command.name}` needs {what}; usage: {command.usage}")

    def _check_flags(self, command: Command) -> None:
        for name in self.flags:
            flag = FLAGS[name]
            if name not in command.flags:
                raise UsageError(
                    f"`{command.name}` does not accept `{name}`; "
                    f"it accepts {_listed(sorted(command.flags))}"
                )
            if flag.requires and not self.flags.keys() & set(flag.requires):
                raise UsageError(f"`{name}` works only together with `{flag.requires[0]}`")
            for other, reason in (flag.excludes or {}).items():
                if other in self.flags:
                    raise UsageError(f"{reason}; leave `{other}` out")

    def _check_overrides(self, command: Command) -> None:
        for override in self.overrides:
            if command.keys is not None and override.partition("=")[0] not in command.keys:
                raise UsageError(
                    f"`{command.name}` does not accept `{override}`; usage: {command.usage}"
                )

    def _format(self, command: Command) -> str:
        chosen = self.flags.get("--format")
        if chosen is None:
            return command.formats[0] if command.formats else ""
        if chosen not in command.formats:
            raise UsageError(
                f"`{command.name}` has no format `{chosen}`; "
                f"its formats are {_listed(command.formats)}"
            )
        return chosen

    def _search_path(self) -> list[str]:
        directory = self.flags.get("--config-dir")
        if directory is None:
            return []
        if not Path(directory).is_dir():
            raise UsageError(f"`--config-dir`: `{directory}` is not a folder")
        # The path is quoted, because some of its characters may have a meaning in Hydra's grammar.
        return [f'hydra.searchpath=["file://{Path(directory).resolve()}"]']


_BY_SHORT_NAME = {flag.short: flag for flag in FLAGS.values() if flag.short}


def _check_value(flag: Flag, value: str) -> None:
    if flag.value_optional and not value:
        return
    if flag.choices and value not in flag.choices:
        raise UsageError(f"`{flag.name}` expects {_listed(flag.choices)}, not `{value}`")
    if flag.is_valid and not flag.is_valid(value):
        raise UsageError(f"`{flag.name}` expects {flag.expected}, not `{value}`")


def _listed(words: Sequence[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)
