"""Table of all commands of the command line.

`arguments` parses the command line by this table and the table of flags (`flag_table`). `help`
prints both tables, and `completion` offers their entries.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .flag_table import FLAGS

_COMPOSE_FLAGS = ("--multirun", "--run", "--config-dir")
_COMMON_FLAGS = ("--help", "--version")
_HYDRA_FLAGS = tuple(flag.name for flag in FLAGS.values() if flag.hydra)


_REQUIRED_WORDS = {"DOCUMENT": "DOCUMENT", "KEY": "KEY", "TRIAL": "TRIAL [SWEEP]"}


@dataclass(frozen=True, slots=True)
class Command:
    """A command, with the words, overrides and flags that it accepts."""

    name: str
    summary: str
    positional: Literal["", "SWEEP", "GROUP", "KEY", "DOCUMENT", "TRIAL"] = ""
    """Kind of word that follows the command. SWEEP and GROUP are optional; the others are
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
        return "--config-dir" in self.flags

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
            "render",
            "Write what the platform would receive for the first trials, as YAML files.",
            overrides="[key=value ...]",
            keys=None,
            output="the folder `rendered`",
            flags=("--output", "--config-dir", *_COMMON_FLAGS),
            examples=("render tuner=hyperband platform=kubeflow framework=pytorch",),
        ),
        Command(
            "platform",
            "Print a document of the platform, such as `rbac`: the permissions that it needs.",
            positional="DOCUMENT",
            overrides=_COMPOSE_OVERRIDES,
            keys=None,
            flags=(*_COMPOSE_FLAGS, *_COMMON_FLAGS),
            examples=("platform rbac platform=kubeflow",),
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
            flags=("--format", "--predicted", *_COMMON_FLAGS),
            examples=("best --format json", "best --predicted"),
        ),
        Command(
            "export",
            "Export the trials of a sweep, one trial per line.",
            positional="SWEEP",
            overrides=_STORE_OVERRIDE,
            keys=_STORE_KEY,
            formats=("csv", "jsonl"),
            flags=("--format", "--output", "--predicted", *_COMMON_FLAGS),
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
            "Copy the files of a trial here: its output, checkpoint and TensorBoard files.",
            positional="TRIAL",
            overrides=_STORE_OVERRIDE,
            keys=_STORE_KEY,
            output="the sweep's folder",
            flags=("--attempt", "--only", "--output", "--trust-owner", *_COMMON_FLAGS),
            examples=("fetch 7 --only checkpoint --output best",),
        ),
        Command(
            "cleanup",
            "End what a sweep left running, and remove its files from other machines.",
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
