"""Help: what the verbs do, and which parts there are to choose from.

Hydra could list the groups itself, but takes a second for it.
"""

from collections import defaultdict
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from ..registry.registry import KINDS, Registry
from ..views.output import echo
from .arguments import Arguments, program
from .command_table import VERBS, Verb

_FLAGS = {
    "--format": "how to write the result: {formats}",
    "--output": "FILE to write to, instead of standard output",
    "--quiet": "no progress, one line at the end",
    "--space": "only the search space, as a file that compiles to it",
    "--port": "PORT to serve at, instead of 6006 or the next that is free",
    "--write-only": "write what TensorBoard would show, and do not run it",
}
_COMPOSING = {
    "-m, --multirun": "one sweep for each combination of key=a,b,c",
    "--config-dir": "DIR to search for configuration as well",
}
_HYDRAS = {
    "--cfg job": "print the configuration as composed, and run nothing",
    "--info": "print how it is composed: defaults, search path",
    "-sc install=bash": "print the set-up of tab completion, to `eval`",
    "--hydra-help": "tell about Hydra's own flags",
}


def main(arguments: Arguments) -> int:
    """Print the help of one verb, or of the whole program where none is named."""
    if arguments.named:
        echo("\n".join(_verb_help(arguments.verb)))
    else:
        echo("\n".join(_program_help(Registry.load(), arguments.config_dir)))
    return 0


def groups(registry: Registry, config_dir: str | None = None) -> dict[str, list[str]]:
    """List the config groups with the choices of each, from folders and from plugins."""
    found: dict[str, set[str]] = defaultdict(set)
    searched = [f"pkg://{CONFIG}", *registry.config_paths, *([config_dir] if config_dir else [])]
    for path in searched:
        folder = _folder(path)
        for file in folder.rglob("*.yaml") if folder else ():
            found[file.parent.relative_to(folder or file).as_posix()].add(file.stem)
    for kind in KINDS:
        found[kind] |= set(registry.names(kind))
    del found["."]
    return {group: sorted(found[group]) for group in sorted(found) if found[group]}


CONFIG = "sweepwright.conf"
"""The package that holds the built-in configuration."""


def _folder(path: str) -> Path | None:
    """Return the folder of a search path, None for one that is not there."""
    scheme, _, rest = path.rpartition("://")
    if scheme != "pkg":
        return Path(rest)
    try:
        return Path(str(files(rest)))
    except ImportError:
        return None


def _verb_help(verb: Verb) -> Iterator[str]:
    yield f"{program()} {verb.name} {verb.takes}".strip()
    yield ""
    yield verb.summary
    flags = [name for name in _FLAGS if _has(verb, name)]
    described = {name: _FLAGS[name].format(formats=", ".join(verb.formats)) for name in flags}
    described |= _COMPOSING if verb.composes else {}
    if described:
        yield from ("", "Flags:", *_aligned(described))
    if verb.examples:
        yield from ("", "Examples:", *_examples(verb))


def _has(verb: Verb, flag: str) -> bool:
    return flag in verb.flags or (flag == "--format" and bool(verb.formats))


def _program_help(registry: Registry, config_dir: str | None) -> Iterator[str]:
    yield "sweepwright compiles hyperparameter sweeps and runs them, durably."
    yield ""
    yield f"Usage: {program()} [verb] [key=value ...]"
    yield ""
    yield f"Verbs, of which each has help: {program()} VERB --help"
    yield from _aligned({verb.name: verb.summary for verb in VERBS.values()})
    yield ""
    yield "Groups and their choices, as in tuner=grid:"
    choices = groups(registry, config_dir)
    yield from _aligned({group: ", ".join(names) for group, names in choices.items()})
    yield ""
    yield "Plugins offer:"
    yield from _aligned(dict(_offers(registry)))
    yield ""
    yield "Flags:"
    yield from _aligned({**_COMPOSING, **_HYDRAS})
    yield ""
    yield "Examples:"
    for verb in VERBS.values():
        yield from _examples(verb)


def _offers(registry: Registry) -> Iterator[tuple[str, str]]:
    """Describe every choice that comes from a plugin, with its source when that is not ours."""
    for kind in KINDS:
        for name in registry.names(kind):
            source = registry.distribution(kind, name)
            ours = source.startswith("sweepwright ")
            summary = registry.find(kind, name).summary
            yield f"{kind}={name}", summary if ours else f"{summary} ({source})".strip()


def _examples(verb: Verb) -> list[str]:
    return [f"  {program()} {example}".rstrip() for example in verb.examples]


def _aligned(described: dict[str, str]) -> list[str]:
    width = max(map(len, described), default=0)
    return [f"  {name:<{width}}  {what}".rstrip() for name, what in described.items()]
