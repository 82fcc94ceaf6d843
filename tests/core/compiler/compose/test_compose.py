import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

import pytest
from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra._internal import config_loader_impl
from hydra.core.config_store import ConfigStore
from omegaconf import OmegaConf

from sweepwright.core.compiler.compose import CONFIG_FOLDER, CONFIG_NAME, compose, register_groups
from sweepwright.core.compiler.compose.hydra_compat import VERSION_BASE
from sweepwright.core.compiler.spans import KeyPath
from sweepwright.core.compiler.stages import Composed
from sweepwright.core.registry.registry import Registry
from sweepwright.diagnostics import Code, Diagnostic, Report
from sweepwright.hooks import hookimpl
from tests.core.stub_plugins import registry


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(dedent(text).lstrip())


def composed(*overrides: str, config_dir: Path | None = None) -> Composed:
    report = Report()
    found = compose(overrides, registry(), report, config_dir=config_dir)
    assert found, [d.message for d in report]
    assert not report.failed, [d.message for d in report]
    return found


def found(*overrides: str, config_dir: Path | None = None) -> list[Diagnostic]:
    report = Report()
    compose(overrides, registry(), report, config_dir=config_dir)
    return list(report)


def at(composition: Composed, *path: str | int) -> str:
    return str(composition.spans.value(path))


def test_the_composition_equals_that_of_hydra() -> None:
    overrides = ["trial=noop", "tuner=grid", "seed=3", "+space.x=1", "~space.alpha"]
    ours = OmegaConf.to_container(composed(*overrides).tree)
    with initialize_config_dir(str(CONFIG_FOLDER), **VERSION_BASE):
        theirs = OmegaConf.to_container(hydra_compose(CONFIG_NAME, overrides))

    assert isinstance(ours, dict)
    assert isinstance(theirs, dict)
    for section in ("trial", "retries"):
        ours[section] = {key: ours[section][key] for key in theirs[section]}
    assert ours == theirs


def test_a_composition_leaves_no_trace_in_the_next() -> None:
    changes = ["seed=3", "+space.x=1", "~space.alpha", "hydra.job.name=other", "trial.sleep=9"]
    before, changed, after = (
        composed("trial=noop", *overrides).plain for overrides in ([], changes, [])
    )

    assert changed != before
    assert after == before


def test_every_value_of_a_file_has_a_span(folder: Path) -> None:
    write(
        folder,
        {
            "space/mine.yaml": """
                lr: uniform(0, 1)
                deep: {er: [1, two], "quoted": 'x'}
                """
        },
    )
    composition = composed("space=mine", config_dir=folder)
    spans = composition.spans

    assert at(composition, "space", "lr") == "space/mine.yaml:1:5"
    assert at(composition, "space", "deep", "er", 1) == "space/mine.yaml:2:16"
    assert at(composition, "space", "deep", "quoted") == "space/mine.yaml:2:32"
    span = spans.key(("space", "deep", "er"))
    assert (span.line, span.column, span.length, span.key) == (2, 8, 2, "space.deep.er")
    assert span.text == """deep: {er: [1, two], "quoted": 'x'}"""
    assert spans.value(("space", "deep", "er", 1)).key == "space.deep.er[1]"


def test_the_span_of_a_value_is_where_it_was_last_set(folder: Path) -> None:
    write(
        folder,
        {
            "space/mine.yaml": "lr: 1\nwd: [1, 2]\n",
            "experiment/mine.yaml": """
                # @package _global_
                defaults:
                  - override /space: mine
                space:
                  wd: [3]
                """,
        },
    )
    composition = composed("+experiment=mine", "space.lr=2", config_dir=folder)

    assert at(composition, "space", "lr") == "<command line>:2:10"
    assert at(composition, "space", "wd", 0) == "experiment/mine.yaml:5:8"


@pytest.mark.parametrize(
    ("override", "path"),
    [
        ("space.new=1", ("space", "new")),
        ("+space.new=1", ("space", "new")),
        ("++space.new=1", ("space", "new")),
        ("++space.list=[0,5]", ("space", "list", 1)),
        ("++space.list.1=5", ("space", "list", 1)),
        ("++space={new: 1}", ("space", "new")),
    ],
)
def test_a_value_set_by_an_override_has_its_span(
    folder: Path, override: str, path: KeyPath
) -> None:
    first = "new: 0\n" if override.startswith("space") else ""
    write(folder, {"space/mine.yaml": f"{first}list: [1, 2]\n"})

    span = composed("space=mine", override, config_dir=folder).spans.value(path)

    assert (span.file, span.line, span.text) == ("<command line>", 2, override)
    assert override[span.column - 1 :].rstrip("]}") == ("5" if "5" in override else "1")


def test_a_deleted_value_has_no_span(folder: Path) -> None:
    write(folder, {"space/mine.yaml": "lr: 1\nwd: 2\n"})
    composition = composed("space=mine", "~space.lr", config_dir=folder)

    assert composition.spans.find(("space", "lr")) is None
    assert at(composition, "space", "wd") == "space/mine.yaml:2:5"


def test_defaults_of_a_provider_have_the_span_of_its_choice() -> None:
    chosen = composed("tuner=picky")
    default = composed()

    assert at(chosen, "tuner", "depth") == "<command line>:1:7"
    assert at(default, "tuner", "name") == f"{CONFIG_FOLDER / 'config.yaml'}:4:12"
    assert default.spans.value(("nobody",)).file is None


def test_a_framework_that_a_trial_selects_has_its_span_in_the_trial() -> None:
    composition = composed("trial=noop")

    assert at(composition, "framework", "name").startswith(str(CONFIG_FOLDER / "trial/noop.yaml"))


def test_a_group_in_another_package_has_spans(folder: Path) -> None:
    write(
        folder,
        {
            "part/one.yaml": "x: 1\n",
            "experiment/mine.yaml": """
                # @package _global_
                defaults:
                  - /part@space.inner: one
                  - /part@space.other:
                      - one
                """,
        },
    )
    composition = composed("+experiment=mine", config_dir=folder)

    assert at(composition, "space", "inner", "x") == "part/one.yaml:1:4"
    assert at(composition, "space", "other", "x") == "part/one.yaml:1:4"


def test_aliases_and_merge_keys_have_the_spans_of_their_anchors(folder: Path) -> None:
    write(
        folder,
        {
            "space/mine.yaml": """
                base: &base {x: 1, y: 2}
                more: &more {z: 3, y: 4}
                again: *base
                merged: {<<: *base, y: 5}
                both: {<<: [*base, *more]}
                """
        },
    )
    composition = composed("space=mine", config_dir=folder)

    assert at(composition, "space", "again", "x") == "space/mine.yaml:1:17"
    assert composition.spans.key(("space", "again")).line == 3
    assert at(composition, "space", "merged", "x") == "space/mine.yaml:1:17"
    assert at(composition, "space", "merged", "y") == "space/mine.yaml:4:24"
    assert at(composition, "space", "both", "y") == "space/mine.yaml:1:23"
    assert at(composition, "space", "both", "z") == "space/mine.yaml:2:17"


def test_integer_keys_have_spans(folder: Path) -> None:
    write(folder, {"space/mine.yaml": "1: x\ntext: |\n  one\n  two\n"})
    composition = composed("space=mine", config_dir=folder)

    assert composition.spans.value(("space", 1)).column == 4
    assert composition.spans.value(("space", "text")).line == 2


def test_a_mandatory_value_does_not_replace_an_earlier_value(folder: Path) -> None:
    write(
        folder,
        {
            "space/mine.yaml": "lr: 1\n",
            "experiment/mine.yaml": """
                # @package _global_
                defaults: [{override /space: mine}]
                space:
                  lr: ???
                """,
        },
    )

    assert at(composed("+experiment=mine", config_dir=folder), "space", "lr") == (
        "space/mine.yaml:1:5"
    )


def test_a_folder_in_a_package_provides_configs(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Folder:
        @hookimpl
        def sweep_config_paths(self) -> list[str]:
            return ["pkg://their_package.conf"]

    names = ("their_package/__init__.py", "their_package/conf/__init__.py")
    write(folder, {**dict.fromkeys(names, ""), "their_package/conf/space/ours.yaml": "lr: 1\n"})
    monkeypatch.syspath_prepend(folder)
    report = Report()
    offers = Registry.of({**built_in(), "theirs": Folder()})
    composition = compose(["space=ours"], offers, report)

    assert composition
    assert str(composition.spans.value(("space", "lr"))) == (
        "their_package/conf/space/ours.yaml:1:5"
    )


def built_in() -> dict[str, ModuleType]:
    from importlib.metadata import entry_points  # noqa: PLC0415 - for this alone

    return {entry.name: entry.load() for entry in entry_points(group="sweepwright")}


def test_broken_yaml_in_one_group_does_not_stop_the_others(folder: Path) -> None:
    write(folder, {"space/mine.yaml": "lr: 1\nwd: [1,\n", "trial/mine.yaml": "name: {\n"})

    broken = found("space=mine", "trial=mine", "tuner=rnadom", "nope=1", config_dir=folder)

    assert [(d.code, str(d.span)) for d in broken] == [
        (Code.UNKNOWN_CHOICE, "<command line>:3:7"),
        (Code.UNKNOWN_KEY, "<command line>:4:1"),
        (Code.BROKEN_YAML, "space/mine.yaml:2:8"),
        (Code.BROKEN_YAML, "trial/mine.yaml:1:8"),
    ]


def test_a_duplicate_key_is_broken_yaml(folder: Path) -> None:
    write(folder, {"space/mine.yaml": "lr: 1\nlr: 2\n"})

    broken = found("space=mine", config_dir=folder)

    assert [(d.code, str(d.span)) for d in broken] == [(Code.BROKEN_YAML, "space/mine.yaml:2:1")]


@pytest.mark.parametrize(
    "text",
    [
        "- 1\n- 2\n",
        "defaults: {space: x}\n",
        "lr: 1\ndefaults: [3]\n",
        "# @package a b\nlr: 1\n",
        "lr: '\udce9'\n",
        "a: &a\n  b: *a\n",
    ],
)
def test_a_file_that_is_not_a_config_is_reported(folder: Path, text: str) -> None:
    (folder / "space").mkdir()
    (folder / "space" / "mine.yaml").write_bytes(text.encode("utf-8", "surrogateescape"))

    unusable = found("space=mine", config_dir=folder)

    assert len(unusable) == 1
    assert unusable[0].code in (Code.NOT_COMPOSABLE, Code.BROKEN_YAML)
    assert unusable[0].span.file == "space/mine.yaml"


def test_a_file_with_unknown_defaults_is_reported(folder: Path) -> None:
    write(
        folder,
        {
            "space/mine.yaml": "defaults: [nowhere]\nlr: 1\n",
            "trial/mine.yaml": "defaults: [{override /nowhere: x}]\nname: x\n",
            "tuner/mine.yaml": "defaults: [/space/mnsit@x]\nname: random\n",
        },
    )

    unmet = found("space=mine", "trial=mine", "tuner=mine", config_dir=folder)

    assert sorted((d.code.value, str(d.span)) for d in unmet) == [
        ("C102", "space/mine.yaml:1:12"),
        ("C102", "tuner/mine.yaml:1:12"),
        ("C110", "trial/mine.yaml:1:1"),
    ]


def test_files_that_do_not_merge_are_reported(folder: Path) -> None:
    write(
        folder,
        {"experiment/mine.yaml": "# @package _global_\nretries: [1]\n"},
    )

    report = Report()
    assert compose(["+experiment=mine"], registry(), report, config_dir=folder) is None
    assert [(d.code, str(d.span)) for d in report] == [
        (Code.NOT_COMPOSABLE, "experiment/mine.yaml:2:1")
    ]


def test_an_unknown_experiment_stops_composition_with_a_suggestion() -> None:
    report = Report()

    assert compose(["+experiment=mnist_optimise", "seed=two"], registry(), report) is None
    assert [(d.code, d.help) for d in report] == [
        (Code.UNKNOWN_CHOICE, "did you mean `mnist_optimizer`?")
    ]


def test_a_missing_folder_of_the_search_path_is_reported() -> None:
    missing = found("hydra.searchpath=['file:///no/such/folder']")

    assert [(d.code, str(d.span)) for d in missing] == [
        (Code.NOT_COMPOSABLE, "<command line>:1:18")
    ]


def test_a_search_path_that_is_not_a_list_is_reported() -> None:
    assert [d.code for d in found("hydra.searchpath=3")] == [Code.BAD_OVERRIDE]


def test_an_experiment_without_a_plus_is_reported() -> None:
    assert found("experiment=mnist_optimizer")[0].help == (
        "write `+experiment=mnist_optimizer` to add it to the defaults list"
    )


@pytest.mark.parametrize(
    ("override", "way_out"),
    [
        ("space.learning_rat=1", "did you mean `learning_rate`?"),
        ("space.qqq=1", "to add it write `+space.qqq=1`"),
        ("store.zzz=1", "known are `path`"),
        (
            "trial.entries={python: x.py}",
            "to add it write `+trial.entries.python=x.py`",
        ),
        (
            "space={a: 1, alpha: 2, b: {c: null}}",
            "to add it write `+space.a=1` `+space.b.c=null`",
        ),
        ("retries={errors: 1}", "did you mean `error`?"),
        ("trial=2024", "put a name that reads as a number in quotes: `'trial=\"2024\"'`"),
        (
            "store.path=/a b ü",
            "quote it twice, for the shell and for Hydra: `'store.path=\"/a b ü\"'`",
        ),
        ("store.path=(", None),
        ("space=null", "to leave the group empty write `~space`"),
        ("=3", "write `key=value`"),
        ("seed.deep=1", None),
        ("tuner=5", None),
        ("+space=[1,2]", 'put a name that reads as a number in quotes: `\'+space=["1","2"]\'`'),
        ("~space.learning_rat", "did you mean `learning_rate`?"),
        ("max_trials = 50", "write `max_trials=50`"),
        ("store.path=~/x", f"write `store.path={Path.home()}/x`"),
        ("--max-trials=50", "write `max_trials=50`"),
        ("max_trials=3,", "write `max_trials=3`"),
        ("hydra.nope=1", "known are"),
    ],
)
def test_an_override_that_does_not_apply_is_reported(override: str, way_out: str | None) -> None:
    (only,) = found(override)

    assert only.code in (Code.UNKNOWN_KEY, Code.BAD_OVERRIDE)
    assert only.span.file == "<command line>"
    assert (only.help or "").startswith(way_out or "")


WRITTEN = re.compile(r"(?:write|type|for Hydra:|in quotes:) ((?:`[^`]+` ?)+)")
"""What a help tells to type in place of an override."""


@pytest.mark.parametrize(
    "override",
    [
        "+max_trials=3",
        "+platform=local",
        "+space=[1,2]",
        "experiment=mnist_optimizer",
        "max_trials = 50",
        "max_trials=3,",
        "--max-trials=50",
        "space.hidden=1,2",
        "space.hidden=choice(64,128)",
        "space.hidden=interval(1,5)",
        "space.hidden=unifrom(0, 1)",
        "space.qqq=1",
        "space=null",
        "space={a: 1, alpha: 2, b: {c: null}}",
        "store.path=/a b ü",
        "trial.entries={python: x.py}",
        "trial=2024",
    ],
)
def test_following_the_help_for_an_override_removes_the_finding(override: str) -> None:
    (only,) = found(override)
    match = WRITTEN.search(only.help or "")
    assert match, only.help
    typed = [word for text in re.findall("`([^`]+)`", match[1]) for word in shlex.split(text)]

    assert (only.code, only.message) not in [(d.code, d.message) for d in found(*typed)]
    assert not {d.code for d in found(*typed)} & {
        Code.BAD_OVERRIDE,
        Code.UNKNOWN_KEY,
        Code.UNQUOTED_DOMAIN,
    }


def test_unknown_keys_in_a_mapping_are_reported_at_its_value() -> None:
    (only,) = found("trial.entries={python: x.py}")

    assert only.code is Code.UNKNOWN_KEY
    assert only.message == "no key is called `trial.entries.python`"
    assert str(only.span) == "<command line>:1:15"


@pytest.mark.parametrize(
    ("group", "way_out"),
    [
        ("trial", "write `override /framework@_global_.framework`"),
        ("experiment", "begin the file with `# @package _global_`"),
    ],
)
def test_a_file_that_overrides_a_group_of_the_root_gets_a_suggestion(
    folder: Path, group: str, way_out: str
) -> None:
    write(folder, {f"{group}/mine.yaml": "defaults:\n  - override /framework: python\n"})
    plus = "+" if group == "experiment" else ""
    (only,) = found(f"{plus}{group}=mine", config_dir=folder)

    assert only.code is Code.NOT_COMPOSABLE
    assert only.help == way_out


@pytest.mark.parametrize("group", ["space", "trial"])
def test_an_unknown_choice_of_a_user_group_suggests_a_file(group: str) -> None:
    (only,) = found(f"{group}=my_own")

    assert only.help
    assert only.help.startswith("known are `mnist`")
    assert f"write `FOLDER/{group}/my_own.yaml`, and give `--config-dir FOLDER`" in only.help


def test_an_override_that_cannot_be_merged_is_reported() -> None:
    (only,) = found("++retries=[1]", "~objective.metric=loss")[:1]

    assert only.code is Code.BAD_OVERRIDE


def test_values_of_hydra_resolve() -> None:
    assert composed("store.path=${hydra:job.config_name}").tree.store.path == "config"


def test_hydra_is_left_as_it_was() -> None:
    before = dict(vars(config_loader_impl))
    composed("tuner=grid", "seed=3")
    found("++retries=[1]")

    assert dict(vars(config_loader_impl)) == before


def test_registering_a_registry_replaces_the_one_before() -> None:
    register_groups(registry())
    register_groups(Registry.of({"tuner.random": built_in()["tuner.random"]}))
    repository: dict[str, Any] = ConfigStore.instance().repo

    assert list(repository["tuner"]) == ["random.yaml"]
    assert "platform" not in repository
