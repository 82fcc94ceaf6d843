"""The usage: what each verb is for, what it takes, and how it is typed."""

from collections.abc import Mapping
from dataclasses import dataclass

_CHANGES = "max_trials= max_duration= concurrency= trial_timeout= retries.KIND= platform.SLOTS="


@dataclass(frozen=True, slots=True)
class Verb:
    """How a verb is called."""

    name: str
    summary: str
    takes: str = ""
    """What may follow the verb, as its usage line says it."""
    sweep: bool = False
    """Whether a sweep's id may follow."""
    group: bool = False
    """Whether a config group may follow."""
    key: bool = False
    """Whether a key of the configuration must follow."""
    composes: bool = False
    """Whether it composes a sweep, from any overrides and with Hydra's flags."""
    keys: tuple[str, ...] | None = ("store.path",)
    """What may be overridden; None where the verb finds out for itself."""
    formats: tuple[str, ...] = ()
    """Choices of ``--format``, the first of which is the default."""
    flags: tuple[str, ...] = ()
    """Further flags."""
    examples: tuple[str, ...] = ()
    """What may be typed after the program's name."""


VERBS: Mapping[str, Verb] = {
    verb.name: verb
    for verb in (
        Verb(
            "run",
            "Compile a sweep and run it; the default verb.",
            takes="[key=value ...] [-m]",
            composes=True,
            keys=None,
            flags=("--quiet",),
            examples=(
                "",
                "max_trials=50 tuner=grid",
                "'space.hidden=\"choice(64, 128)\"'",
                "-m tuner=tpe,random seed=0,1,2",
            ),
        ),
        Verb(
            "check",
            "Compile a sweep, and report everything that is wrong with it.",
            takes="[key=value ...] [-m]",
            composes=True,
            keys=None,
            formats=("text", "json"),
            examples=("check tuner=grid", "check --format json +experiment=mnist_optimizer"),
        ),
        Verb(
            "plan",
            "Show what a sweep would run and cost, down to the first trial's submission.",
            takes="[key=value ...] [-m]",
            composes=True,
            keys=None,
            formats=("text", "json"),
            flags=("--space",),
            examples=(
                "plan trial=noop",
                "plan trial_seconds=60",
                "plan --format json",
                "plan --space",
            ),
        ),
        Verb(
            "explain",
            "Explain a value: everything that set it, in order, and what it refers to.",
            takes="KEY [key=value ...] [-m]",
            key=True,
            composes=True,
            keys=None,
            formats=("text", "json"),
            examples=("explain space.hidden", "explain tuner --format json tuner=grid"),
        ),
        Verb(
            "resume",
            "Go on with a sweep that was interrupted, or give a finished one more trials.",
            takes=f"[SWEEP] [store.path=FOLDER] [{_CHANGES}]",
            sweep=True,
            keys=None,
            flags=("--quiet",),
            examples=("resume", "resume max_trials=200 concurrency=4"),
        ),
        Verb(
            "list",
            "List the sweeps in the store.",
            takes="[store.path=FOLDER]",
            examples=("list",),
        ),
        Verb(
            "show",
            "Show how a sweep went or goes: best trials, curve, failures.",
            takes="[SWEEP] [store.path=FOLDER]",
            sweep=True,
            examples=("show",),
        ),
        Verb(
            "best",
            "Print the best trial of a sweep.",
            takes="[SWEEP] [store.path=FOLDER]",
            sweep=True,
            formats=("table", "yaml", "json"),
            examples=("best --format json",),
        ),
        Verb(
            "export",
            "Write a line for each trial of a sweep.",
            takes="[SWEEP] [store.path=FOLDER]",
            sweep=True,
            formats=("csv", "jsonl"),
            flags=("--output",),
            examples=("export --format jsonl --output trials.jsonl",),
        ),
        Verb(
            "tensorboard",
            "Show a sweep in TensorBoard, at any time: parameters, results and curves.",
            takes="[SWEEP] [store.path=FOLDER]",
            sweep=True,
            flags=("--port", "--write-only"),
            examples=("tensorboard", "tensorboard --write-only"),
        ),
        Verb(
            "schema",
            "Print the JSON Schema of config.yaml or of a group's files, for editors.",
            takes="[GROUP]",
            group=True,
            keys=(),
            examples=("schema > sweep.schema.json", "schema space > space.schema.json"),
        ),
        Verb("plugins", "List all plugins, what they offer, and which are broken.", keys=()),
    )
}
"""Every verb by name, in the order in which a sweep meets them."""

DEFAULT = VERBS["run"]
