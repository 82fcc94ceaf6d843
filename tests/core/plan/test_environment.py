"""References to environment variables are resolved at launch, as OmegaConf would resolve them."""

import os
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from omegaconf import OmegaConf

from sweepwright.contracts import Command, Job, Role
from sweepwright.core.plan.environment import (
    escape_references,
    put_references_back,
    resolve_job,
    resolve_references,
    set_references_aside,
    shell_text,
    unset_findings,
)


@pytest.fixture(autouse=True)
def variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set one variable, and make sure that another is not set."""
    monkeypatch.setenv("SET", "va'l\\ue ${x}")
    monkeypatch.delenv("UNSET", raising=False)


TEXTS = [
    "plain",
    "${oc.env:SET}",
    "Bearer ${oc.env:SET}, ${oc.env:SET}",
    "${oc.env:UNSET,default}",
    "${ oc.env : UNSET , default }",
    "${oc.env:UNSET,'a b'}",
    '${oc.env:UNSET,"it\'s $x `y`"}',
    "${oc.env:UNSET,'{a}'}",
    "",
    r"\${oc.env:SET}",
    r"\\${oc.env:SET}",
    r"\\\${oc.env:SET}",
    r"C:\dir",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_reference_has_the_value_that_omegaconf_gives_it(text: str) -> None:
    assert resolve_references(text) == OmegaConf.create({"x": text}).x


@pytest.mark.parametrize("text", TEXTS)
def test_a_shell_resolves_the_text_of_a_command_in_the_same_way(text: str) -> None:
    script = f"printf %s {shell_text(text)}"
    printed = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True)

    assert printed.stdout == resolve_references(text)


@given(st.lists(st.sampled_from(["\\", "${oc.env:SET}", "x", "${", "}"])))
def test_escaped_text_resolves_to_itself(parts: list[str]) -> None:
    text = "".join(parts)

    assert resolve_references(escape_references(text)) == text


def test_only_references_outside_of_other_interpolations_are_set_aside() -> None:
    text = "${oc.env:SET}/${a.b}/${oc.decode:${oc.env:SET}}"
    kept, rest = set_references_aside(text)

    assert kept == ["${oc.env:SET}"]
    assert rest.endswith("/${a.b}/${oc.decode:${oc.env:SET}}")
    assert put_references_back(rest.partition("/")[0] + "/${oc.env:B}", kept) == (
        r"${oc.env:SET}/\${oc.env:B}"
    )


def test_the_environments_of_a_job_are_resolved_and_its_assignment_is_not() -> None:
    role = Role("main", Command(("./a",)), environment={"R": "${oc.env:SET}"})
    given_job = Job(
        "j", (role,), environment={"J": "${oc.env:SET}", "SWEEPWRIGHT_TRIAL": '"${oc.env:SET}"'}
    )
    job = resolve_job(given_job)

    assert job.environment == {"J": os.environ["SET"], "SWEEPWRIGHT_TRIAL": '"${oc.env:SET}"'}
    assert job.roles[0].environment == {"R": os.environ["SET"]}


def test_every_unset_variable_without_a_default_is_reported() -> None:
    text = "${oc.env:UNSET} ${oc.env:UNSET,1} ${oc.env:SET} \\${oc.env:UNSET} ${oc.env:UNSET_TOO}"
    first, second = unset_findings(text, "trial.environment.A")

    assert (
        first.message == "`trial.environment.A` refers to the variable `UNSET`, which is not set"
    )
    assert "`UNSET_TOO`" in second.message
