"""Tables of all flags and commands of the command line.

`arguments` parses the command line by these tables, `help` prints them, `completion` offers their
entries, and `hydra_passthrough` serves the flags with `hydra=True`. To add a flag, add an entry to
`FLAGS`, and add the flag's name to the `flags` of every command that accepts it. The module of the
command reads the flag with `Arguments.has` or `Arguments.value`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag, with the rules for its value and for its use together with other flags."""

    name: str
    summary: str = ""
    """Description in the help; a flag without a description is accepted but not listed."""
    short: str = ""
    value: str = ""
    """Placeholder of the flag's value in the help; empty for a switch, which has no value."""
    value_optional: bool = False
    """Whether the value may be left out. The next argument is the value if it is in `choices`."""
    choices: tuple[str, ...] = ()
    """All valid values; if this is empty, `is_valid` decides, or else every value is valid."""
    is_valid: Callable[[str], bool] | None = None
    expected: str = ""
    """Description of a valid value, for the message about an invalid value."""
    excludes: Mapping[str, str] | None = None
    """Mapping from each flag that cannot be combined with this flag to the reason."""
    requires: tuple[str, ...] = ()
    """Flags of which at least one must be given too; empty if this flag can be given alone."""
    hydra: bool = False
    """Whether Hydra itself serves this flag."""


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _is_port(text: str) -> bool:
    return _is_number(text) and int(text) < 65536  # noqa: PLR2004 - the last port


FLAGS: Mapping[str, Flag] = {
    flag.name: flag
    for flag in (
        Flag("--format", "format of the result: {formats}", value="FORMAT"),
        Flag("--output", "write to PATH instead of {output}", short="-o", value="PATH"),
        Flag("--connect", "also look at the machines of the platform, as a run does"),
        Flag("--quiet", "show no progress, and one line at the end", short="-q"),
        Flag(
            "--space",
            "print only the search space, as a file that compiles to the same space",
            excludes={"--format": "`--space` always prints YAML"},
        ),
        Flag(
            "--port",
            "serve at PORT instead of 6006 or the next free port",
            value="PORT",
            is_valid=_is_port,
            expected="a number below 65536",
        ),
        Flag(
            "--write-only",
            "write the files that TensorBoard shows, without starting it",
            excludes={"--port": "`--write-only` starts no server"},
        ),
        Flag(
            "--attempt",
            "choose the N-th attempt of the trial instead of the latest",
            value="N",
            is_valid=_is_number,
            expected="the number of an attempt",
        ),
        Flag("--role", "print only the output of the role NAME", value="NAME"),
        Flag(
            "--rank",
            "print only the output of the process with rank N of its role",
            value="N",
            is_valid=_is_number,
            expected="the rank of a process",
        ),
        Flag("--stderr", "print only standard error, to standard output"),
        Flag("--follow", "go on printing until the trial has ended, or Ctrl-C", short="-f"),
        Flag(
            "--only",
            "fetch only the files of one KIND: checkpoint, output or tensorboard",
            value="KIND",
            choices=("checkpoint", "output", "tensorboard"),
        ),
        Flag("--unfinished", "clean up even if the sweep is unfinished and may lose checkpoints"),
        Flag("--trust-owner", "do so even if the sweep belongs to another user"),
        Flag("--multirun", "run one sweep for each combination of key=a,b,c", short="-m"),
        Flag("--run", short="-r"),  # Hydra's opposite of --multirun, and the default
        Flag("--config-dir", "also search DIR for configuration files", short="-cd", value="DIR"),
        Flag("--help", "show this help", short="-h"),
        Flag("--version", "print the version"),
        Flag(
            "--cfg",
            "print the composed configuration, and run nothing",
            short="-c",
            value="job",
            choices=("job", "hydra", "all"),
            hydra=True,
        ),
        Flag(
            "--package",
            "with --cfg, print only the part of the configuration under KEY",
            short="-p",
            value="KEY",
            requires=("--cfg", "--info", "--hydra-help", "--shell-completion"),
            hydra=True,
        ),
        Flag(
            "--resolve",
            "with --cfg, resolve the interpolations",
            requires=("--cfg", "--info", "--hydra-help", "--shell-completion"),
            hydra=True,
        ),
        Flag(
            "--info",
            "print how the configuration is composed: defaults list, search path",
            short="-i",
            value="TOPIC",
            value_optional=True,
            choices=("all", "config", "defaults", "defaults-tree", "plugins", "searchpath"),
            hydra=True,
        ),
        Flag(
            "--shell-completion",
            "with install=bash, print the script that sets up tab completion, for `eval`",
            short="-sc",
            hydra=True,
        ),
        Flag("--hydra-help", "print Hydra's own help", hydra=True),
    )
}
"""Mapping from long name to flag, in the order of the help."""

_COMPOSE_FLAGS = ("--multirun", "--run", "--config-dir")
_COMMON_FLAGS = ("--help", "--version")
_HYDRA_FLAGS = tuple(flag.name for flag in FLAGS.values() if flag.hydra)


_REQUIRED_WORDS = {"KEY": "KEY", "TRIAL": "TRIAL [SWEEP]"}


@dataclass(frozen=True, slots=True)
class Command:
    """A command, with the words, overrides and flags that it accepts."""

    name: str
    summary: str
    positional: Literal["", "SWEEP", "GROUP", "KEY", "TRIAL"] = ""
    """Kind of word that follows the command. SWEEP and GROUP are optional; KEY and TRIAL are
    required, and a SWEEP may follow a TRIAL."""
    overrides: str = ""
    """Overrides that the command accepts, as its usage line shows them."""
    keys: tuple[str, ...] | None = ()
    """Keys that overrides may set; None if the command itself or the composition checks them."""
    formats: tuple[str, ...] = ()
    """Valid values of ``--format``; the first is the default."""
    output: str = "standard output"
    """Where the result goes without ``--output``."""
    flags: tuple[str, ...] = _COMMON_FLAGS
    """Names of the flags that the command accepts."""
    examples: tuple[str, ...] = ()
    """Example command lines, without the program's name."""

    @property
    def composes(self) -> bool:
        """Whether the command composes a sweep, and so accepts any override."""
        return "--multirun" in self.flags

    @property
    def usage(self) -> str:
        """Usage line of the command, without the program's name."""
        optional = f"[{self.positional}]"
        word = _REQUIRED_WORDS.get(self.positional, optional if self.positional else "")
        return " ".join(filter(None, (self.name, word, self.overrides)))


_LIMITS = (
    "max_trials= max_duration= concurrency= trial_timeout= drain_timeout= retries.KIND= "
    "platform.SLOTS="
)
_COMPOSE_OVERRIDES = "[key=value ...] [-m]"
_STORE_OVERRIDE = "[store.path=FOLDER]"
_STORE_KEY = ("store.path",)

COMMANDS: Mapping[str, Command] = {
    command.name: command
    for command in (
        Command(
            "run",
            "Compile a sweep and run it (the default command).",
            overrides=_COMPOSE_OVERRIDES,
            keys=None,
            flags=("--quiet", *_COMPOSE_FLAGS, *_COMMON_FLAGS, *_HYDRA_FLAGS),
            examples=(
                "",
                "max_trials=50 tuner=grid",
                "'space.hidden=\"choice(64, 128)\"'",
                "-m tuner=tpe,random seed=0,1,2",
            ),
        ),
        Command(
            "check",
            "Compile a sweep and report everything that is wrong with it.",
            overrides=_COMPOSE_OVERRIDES,
            keys=None,
            formats=("text", "json"),
            flags=("--format", "--connect", *_COMPOSE_FLAGS, *_COMMON_FLAGS),
            examples=(
                "check tuner=grid",
                "check --connect",
                "check --format json +experiment=mnist_optimizer",
            ),
        ),
        Command(
            "plan",
            "Show what a sweep would run and cost, with the first trial's submission.",
            overrides=_COMPOSE_OVERRIDES,
            keys=None,
            formats=("text", "json"),
            flags=("--format", "--space", *_COMPOSE_FLAGS, *_COMMON_FLAGS),
            examples=(
                "plan trial=noop",
                "plan trial_seconds=60",
                "plan --format json",
                "plan --space",
            ),
        ),
        Command(
            "explain",
            "Explain a value: everything that set it, in order, and what it refers to.",
            positional="KEY",
            overrides=_COMPOSE_OVERRIDES,
            keys=None,
            formats=("text", "json"),
            flags=("--format", *_COMPOSE_FLAGS, *_COMMON_FLAGS),
            examples=("explain space.hidden", "explain tuner --format json tuner=grid"),
        ),
        Command(
            "resume",
            "Resume an interrupted sweep, or give a completed one more trials.",
            positional="SWEEP",
            overrides=f"{_STORE_OVERRIDE} [{_LIMITS}]",
            keys=None,
            flags=("--quiet", "--trust-owner", *_COMMON_FLAGS),
            examples=("resume", "resume max_trials=200 concurrency=4"),
        ),
        Command(
            "list",
            "List the sweeps in the store.",
            overrides=_STORE_OVERRIDE,
            keys=_STORE_KEY,
            examples=("list",),
        ),
        Command(
            "show",
            "Summarise a sweep, running or not: best trials, curve, failures.",
            positional="SWEEP",
            overrides=_STORE_OVERRIDE,
            keys=_STORE_KEY,
            examples=("show",),
        ),
        Command(
            "best",
            "Print the best trial of a sweep.",
            positional="SWEEP",
            overrides=_STORE_OVERRIDE,
            keys=_STORE_KEY,
            formats=("table", "yaml", "json"),
            flags=("--format", *_COMMON_FLAGS),
            examples=("best --format json",),
        ),
        Command(
            "export",
            "Export the trials of a sweep, one trial per line.",
            positional="SWEEP",
            overrides=_STORE_OVERRIDE,
            keys=_STORE_KEY,
            formats=("csv", "jsonl"),
            flags=("--format", "--output", *_COMMON_FLAGS),
            examples=("export --format jsonl --output trials.jsonl",),
        ),
        Command(
            "logs",
            "Print the output of a trial, running or not, wherever it ran.",
            positional="TRIAL",
            overrides=_STORE_OVERRIDE,
            keys=_STORE_KEY,
            flags=(
                *("--attempt", "--role", "--rank", "--stderr", "--follow", "--trust-owner"),
                *_COMMON_FLAGS,
            ),
            examples=("logs 7", "logs 7 --follow"),
        ),
        Command(
            "fetch",
            "Fetch the files of a trial: its output, its checkpoint, its TensorBoard files.",
            positional="TRIAL",
            overrides=_STORE_OVERRIDE,
            keys=_STORE_KEY,
            output="the sweep's folder",
            flags=("--attempt", "--only", "--output", "--trust-owner", *_COMMON_FLAGS),
            examples=("fetch 7 --only checkpoint --output best",),
        ),
        Command(
            "cleanup",
            "End and remove what a sweep left elsewhere: processes, jobs, files.",
            positional="SWEEP",
            overrides=_STORE_OVERRIDE,
            keys=_STORE_KEY,
            flags=("--unfinished", "--trust-owner", *_COMMON_FLAGS),
            examples=("cleanup",),
        ),
        Command(
            "tensorboard",
            "Show a sweep in TensorBoard, running or not: parameters, results and curves.",
            positional="SWEEP",
            overrides=_STORE_OVERRIDE,
            keys=_STORE_KEY,
            flags=("--port", "--write-only", *_COMMON_FLAGS),
            examples=("tensorboard", "tensorboard --write-only"),
        ),
        Command(
            "check-store",
            "Check the journals of the store for damage, or that of one sweep.",
            positional="SWEEP",
            overrides=_STORE_OVERRIDE,
            keys=_STORE_KEY,
            examples=("check-store",),
        ),
        Command(
            "schema",
            "Print the JSON Schema of config.yaml, or of the files in a config group.",
            positional="GROUP",
            examples=("schema > sweep.schema.json", "schema space > space.schema.json"),
        ),
        Command("plugins", "List the installed plugins, what they offer, and which are broken."),
    )
}
"""Mapping from name to command, in the order of the help."""

DEFAULT_COMMAND = COMMANDS["run"]
