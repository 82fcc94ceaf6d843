"""The schemas admit valid configurations, and few others."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from omegaconf import OmegaConf

from sweepwright.core.compiler.compose import compose
from sweepwright.core.compiler.editor_schema.config import (
    EXPERIMENT,
    GROUPS,
    _bounds,
    config_schema,
    group_schema,
)
from sweepwright.core.compiler.editor_schema.options import Schema
from sweepwright.core.registry.registry import KINDS, Registry
from sweepwright.diagnostics import Report, Severity
from tests.core.compiler.finding_cases import CASES, FindingCase
from tests.core.compiler.space.syntax.drafting import drafts
from tests.core.compiler.space.test_notations import SAME
from tests.core.stub_plugins import registry as stub_registry

CONF = Path(__file__).resolve().parents[4] / "conf"
FILES = sorted(CONF.rglob("*.yaml"))
WARNED = [case for case in CASES if "\n0 errors, " in case.expected]
REGISTRY = Registry.load()
SCHEMAS: dict[str | None, Schema] = {group: group_schema(group, REGISTRY) for group in GROUPS}
SCHEMAS[None] = config_schema(REGISTRY)


def faults(schema: Schema, text: str) -> list[str]:
    """Return the paths at which a file does not match its schema."""
    values = OmegaConf.to_container(OmegaConf.create(text), resolve=False)
    return ["/".join(map(str, e.path)) for e in Draft202012Validator(schema).iter_errors(values)]


@pytest.mark.parametrize("group", SCHEMAS)
def test_every_schema_is_valid(group: str | None) -> None:
    Draft202012Validator.check_schema(SCHEMAS[group])
    Draft202012Validator.check_schema(group_schema(group or EXPERIMENT, stub_registry()))

    assert set(references(SCHEMAS[group])) <= {f"#/$defs/{n}" for n in SCHEMAS[group]["$defs"]}


def references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        for key, value in schema.items():
            yield from [value] if key == "$ref" else references(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from references(item)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(CONF)))
def test_every_file_of_the_configuration_is_admitted(file: Path) -> None:
    group = None if file.parent == CONF else str(file.parent.relative_to(CONF))

    assert faults(SCHEMAS[group], file.read_text()) == []


@pytest.mark.parametrize(
    "overrides",
    [
        [],
        ["tuner=grid", "trial=noop", "budget={maximum: 81}"],
        ["+experiment=mnist_optimizer", "max_trials=null", "trial_timeout=${max_duration}"],
        ["framework=script", "platform.gpus=[a, b]", "+trial.roles={main: {replicas: 2}}"],
    ],
)
def test_composed_configurations_are_admitted(overrides: list[str]) -> None:
    composed = compose(overrides, REGISTRY, Report())
    assert composed

    assert faults(SCHEMAS[None], OmegaConf.to_yaml(composed.tree)) == []


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("max_trails: 5", ""),
        ("max_trials: 0", "max_trials"),
        ("max_trials: many", "max_trials"),
        ("seed: -1", "seed"),
        ("trial_seconds: 0", "trial_seconds"),
        ("retries: {killed: -1}", "retries"),
        ("budget: {maximum: 0}", "budget"),
        ("objective: {direction: up}", "objective"),
        ("tuner: {name: rnadom}", "tuner"),
        ("tuner: {name: grid, eta: 3}", "tuner"),
        ("tuner: {name: batch, file: [1]}", "tuner"),
        ("assessor: {name: anybody}", "assessor"),
        ("platform: null", "platform"),
        ("trial: {name: x, epochs: [1, 2]}", "trial"),
        ("trial: {roles: {main: {replica: 2}}}", "trial"),
        ("space: {lr: null}", "space"),
        ("space: {lr: [1, 2]}", "space"),
        ("space: {a.b: 1}", "space"),
        ("defaults: {space: mnist}", "defaults"),
    ],
)
def test_invalid_configurations_are_not_admitted(text: str, where: str) -> None:
    assert faults(SCHEMAS[EXPERIMENT], text) == [where]


@pytest.mark.parametrize("case", WARNED, ids=lambda case: case.name)
def test_configurations_with_mere_warnings_are_admitted(case: FindingCase) -> None:
    schema = group_schema(EXPERIMENT, stub_registry())

    assert faults(schema, case.source) == []


def test_a_number_without_a_range_has_no_bounds() -> None:
    assert (_bounds(("seed",)), _bounds(("budget", "maximum")), _bounds(("nowhere",))) == (
        {"minimum": 0},
        {"exclusiveMinimum": 0},
        {},
    )


def test_without_a_defaults_list_all_sections_are_required() -> None:
    lacking: dict[str, Any] = {"space": {}, "platform": {}, "framework": {}, "trial": {}}
    whole = {**lacking, "tuner": {}}

    assert faults(SCHEMAS[None], yaml.safe_dump(whole)) == []
    assert faults(SCHEMAS[None], yaml.safe_dump(lacking)) == [""]
    assert faults(SCHEMAS[None], "defaults: [tuner: random]") == []


@pytest.mark.parametrize(
    ("group", "text", "sound"),
    [
        ("tuner", "name: batch\nfile: runs.json", True),
        ("tuner", "defaults: [batch]\nfile: runs.json", True),
        ("tuner", "defaults: [batch, _self_]\nfiles: runs.json", False),
        ("tuner", "defaults: [mine]\nwhatever: 1", True),
        ("tuner", "name: ${other.name}\nwhatever: 1", True),
        ("platform", "name: local\ncpus: 4", True),
        ("platform", "name: local\ncpus: four", False),
        ("platform", "name: local\ncpus: ${oc.env:CPUS}", True),
        ("trial", "name: x\nentries: {python: [./run, --x]}\nepochs: 3", True),
        ("trial", "entries: {python: 3}", False),
        ("trial", "trial: {name: x}\nbudget: {maximum: 9}", True),
        ("trial", "trial: {name: x}\nbudget: {maximum: 0}", False),
        ("trial", "trial: {name: x}\nepochs: 3", False),
        ("assessor", "name: median", False),
    ],
)
def test_files_of_a_group_contain_one_section(group: str, text: str, *, sound: bool) -> None:
    assert (faults(SCHEMAS[group], text) == []) is sound


@pytest.mark.parametrize(
    "domain",
    [
        "loguniform(1e-4, 1e-1) = 3e-4 when optimizer == 'sgd'",
        "1000 // batch_size",
        "{type: loguniform, low: 1e-4, high: 1e-1, default: 3e-4, when: 'x > 0'}",
        "{type: int, low: 1, high: '${most}', log: true, step: 2}",
        "{type: normal, mean: 0, std: 1}",
        "{type: choice, values: [1, a, null, {b: 2}], weights: [1, 2, 3, 4]}",
        "{type: ordinal, values: [small, large]}",
        "{type: derived, value: 2 * x}",
        "{choice: {sgd: {momentum: 'uniform(0, 1)', when: n > 1}, adam: {}, none: }}",
        "{choice: {a: {b: {choice: {c: {d: 1}}}}}, weights: {a: 3}, default: a, when: x}",
        "{choice: {a: {}, b: {}}, weights: [3, 1]}",
        "{_type: quniform, _value: [0, 10, 2.5]}",
        "{_type: choice, _value: [{_name: a}, {_name: b, k: {_type: choice, _value: [2]}}]}",
        "{_type: choice, _value: [Empty, [Conv, {_type: choice, _value: [2, 3]}]]}",
        "3",
        "true",
        "${other.domain}",
    ],
)
def test_every_notation_of_a_domain_is_admitted(domain: str) -> None:
    text = f"x: {domain}\n"

    assert faults(SCHEMAS["space"], text) == []
    assert "${" in text or not errors(text)


@pytest.mark.parametrize("domain", [spelling for _, spellings in SAME for spelling in spellings])
def test_every_notation_that_the_compiler_accepts_is_admitted(domain: str) -> None:
    assert faults(SCHEMAS["space"], f"x: {domain}\n") == []


def errors(text: str) -> list[str]:
    """Return the errors that the compiler finds in a space."""
    return [d.message for d in drafts(f"beside: 3\n{text}")[1] if d.severity is Severity.ERROR]


@pytest.mark.parametrize(
    "domain",
    [
        "{type: loguniform, low: 1e-4}",
        "{type: loguniform, low: 1e-4, high: wide}",
        "{type: int, low: 1, high: 8, clip: true}",
        "{type: gaussian, mean: 0, std: 1}",
        "{type: choice, values: []}",
        "{low: 0, high: 1}",
        "{}",
        "{choice: [a, b]}",
        "{choice: {}}",
        "{choice: {a: 3}}",
        "{choice: {a: {b: [1]}}}",
        "{choice: {a: {}}, weight: {a: 1}}",
        "{choice: {a: {}}, weights: {a: 0}}",
        "{_type: quniform}",
        "{_type: uniform_int, _value: [1, 2]}",
        "[1, 2]",
    ],
)
def test_invalid_domains_are_not_admitted(domain: str) -> None:
    text = f"x: {domain}\n"

    assert faults(SCHEMAS["space"], text) == ["x"]
    assert errors(text)


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        ("constraints: ['a * b <= 65536']\nstart: [{a: 1}]", True),
        ("constraints: uniform(0, 1)\nstart: int(1, 8)\nnni: choice(a, b)", True),
        ("constraints: [3]", False),
        ("start: [3]", False),
        ("nni: {file: search_space.json, version: v0, names: {Conv: kernel_size}}", True),
        ("nni: {space: {x: {_type: choice, _value: [1]}}}", True),
        ("nni: {file: search_space.json, version: v9}", False),
        ("defaults: [mnist]\nx: 3", True),
    ],
)
def test_constraints_starts_and_nni_spaces_are_described(text: str, *, sound: bool) -> None:
    assert (faults(SCHEMAS["space"], text) == []) is sound


def test_options_of_plugins_are_described() -> None:
    schema = group_schema("tuner", stub_registry())

    assert faults(schema, "name: picky\nlayers: [1, 2]\nweights: {left: 2}") == []
    assert faults(schema, "name: picky\nlayers: [a]") == ["layers"]


def test_kinds_without_providers_have_a_schema() -> None:
    empty = Registry.of({"none": SimpleNamespace()})

    for kind in KINDS:
        Draft202012Validator.check_schema(group_schema(kind, empty))
        assert faults(group_schema(kind, empty), "name: x") == ["name"]
