"""The program's help: the commands, the flags, and the choices in each config group.

The choices come from folders and the registry, because Hydra needs a second to list them.
"""

from collections import defaultdict
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from ..registry.registry import KINDS, Registry
from ..views.output import echo
from .arguments import Arguments, invocation
from .command_table import COMMANDS, DEFAULT_COMMAND, Command
from .flag_table import FLAGS, Flag

CONFIG_PACKAGE = "sweepwright.conf"
"""The package that holds the built-in configuration."""


def main(arguments: Arguments) -> int:
    """Print the help of the given command, or of the whole program if no command is given."""
    if arguments.command_given:
        echo("\n".join(_command_help(arguments.command)))
    else:
        echo("\n".join(_program_help(Registry.load(), arguments.value("--config-dir"))))
    return 0


def groups(registry: Registry, config_dir: str | None = None) -> dict[str, list[str]]:
    """Map each config group to its choices, which folders and plugins offer."""
    found: dict[str, set[str]] = defaultdict(set)
    paths = [f"pkg://{CONFIG_PACKAGE}", *registry.config_paths]
    for path in [*paths, config_dir] if config_dir else paths:
        folder = _folder(path)
        for file in folder.rglob("*.yaml") if folder else ():
            found[file.parent.relative_to(folder or file).as_posix()].add(file.stem)
    for kind in KINDS:
        found[kind] |= set(registry.names(kind))
    del found["."]  # config.yaml itself
    return {group: sorted(found[group]) for group in sorted(found) if found[group]}


def _folder(path: str) -> Path | None:
    """Return the folder of an entry of Hydra's search path, or None if it does not exist."""
    scheme, _, rest = path.rpartition("://")
    if scheme != "pkg":
        return Path(rest)
    try:
        return Path(str(files(rest)))
    except ImportError:
        return None


def _command_help(command: Command) -> Iterator[str]:
    yield f"{invocation()} {command.usage}"
    yield ""
    yield command.summary
    yield from ("", "Flags:", *_aligned(_flags(command)))
    if command.examples:
        yield from ("", "Examples:", *_examples(command))


def _program_help(registry: Registry, config_dir: str | None) -> Iterator[str]:
    yield "sweepwright compiles hyperparameter sweeps and runs them durably."
    yield ""
    yield f"Usage: {invocation()} [command] [key=value ...]"
    yield ""
    yield f"Commands; for help on one of them: {invocation()} COMMAND --help"
    yield from _aligned({command.name: command.summary for command in COMMANDS.values()})
    yield ""
    yield "Config groups and their choices, to be selected as in tuner=grid:"
    choices = groups(registry, config_dir)
    yield from _aligned({group: ", ".join(names) for group, names in choices.items()})
    yield ""
    yield "Choices that plugins offer:"
    yield from _aligned(dict(_offers(registry)))
    yield ""
    yield "Flags of the default command:"
    yield from _aligned(_flags(DEFAULT_COMMAND))
    yield ""
    yield "Examples:"
    for command in COMMANDS.values():
        yield from _examples(command)


def _flags(command: Command) -> dict[str, str]:
    """Map each flag of a command, with its spellings, to its description."""
    formats = ", ".join(command.formats)
    return {
        _spellings(flag): flag.summary.format(formats=formats, output=command.output)
        for flag in FLAGS.values()
        if flag.name in command.flags and flag.summary
    }


def _spellings(flag: Flag) -> str:
    names = ", ".join(filter(None, (flag.short, flag.name)))
    if not flag.value:
        return names
    return f"{names} [{flag.value}]" if flag.value_optional else f"{names} {flag.value}"


def _offers(registry: Registry) -> Iterator[tuple[str, str]]:
    """Yield each choice of a plugin with its summary, and its distribution if it is not ours."""
    for kind in KINDS:
        for name in registry.names(kind):
            source = registry.distribution(kind, name)
            summary = registry.find(kind, name).summary
            is_ours = source.startswith("sweepwright ")
            yield f"{kind}={name}", summary if is_ours else f"{summary} ({source})".strip()


def _examples(command: Command) -> list[str]:
    return [f"  {invocation()} {example}".rstrip() for example in command.examples]


def _aligned(descriptions: dict[str, str]) -> list[str]:
    width = max(map(len, descriptions), default=0)
    return [f"  {name:<{width}}  {text}".rstrip() for name, text in descriptions.items()]
