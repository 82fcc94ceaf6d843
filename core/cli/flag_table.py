"""Table of all flags of the command line.

`help` prints them, `completion` offers them, and `hydra_passthrough` serves those with
`hydra=True`. To add a flag, add an entry to `FLAGS`, and add the flag's name to the `flags` of
every command in `command_table` that accepts it. The module of the command reads the flag with
`Arguments.has` or `Arguments.value`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


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
        Flag("--predicted", "take the assignment that the tuner's model predicts to be best"),
        Flag("--connect", "also check the platform's machines or cluster, as a run does"),
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
        Flag("--stderr", "print only the trial's standard error, to standard output"),
        Flag("--follow", "keep printing new output until the trial ends or Ctrl-C", short="-f"),
        Flag(
            "--only",
            "fetch only the files of one KIND: checkpoint, output or tensorboard",
            value="KIND",
            choices=("checkpoint", "output", "tensorboard"),
        ),
        Flag("--unfinished", "clean up even if the sweep is unfinished; it loses checkpoints"),
        Flag("--trust-owner", "proceed even if the sweep belongs to another user"),
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
