"""Names of objects, labels and variables, at the limits that Kubernetes sets."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweepwright.plugins.platforms.kubeflow.images import is_image
from sweepwright.plugins.platforms.kubeflow.names import (
    is_dns_1035,
    is_key,
    is_label_value,
    is_qualified_name,
    is_subdomain,
    is_variable,
    job_name,
    label_value,
    sweep_name,
)

NUMBERS = st.integers(0, 10**30)
SWEEPS = st.text(max_size=300) | st.from_regex(r"s\d{8}-\d{6}-\d{6}", fullmatch=True)
LONGEST_SUFFIX = "-evaluator-99999999"


@given(SWEEPS, NUMBERS, NUMBERS)
def test_a_pod_of_any_job_has_a_dns_label_as_its_name(
    sweep: str, trial: int, attempt: int
) -> None:
    name = job_name(sweep, trial, attempt)

    assert is_dns_1035(name)
    assert is_dns_1035(name + LONGEST_SUFFIX)


@given(SWEEPS, SWEEPS, NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_different_attempts_have_different_names(
    sweep: str, other: str, trial: int, second: int, attempt: int, later: int
) -> None:
    same = (sweep, trial, attempt) == (other, second, later)
    assert (job_name(sweep, trial, attempt) == job_name(other, second, later)) == same


def test_the_name_of_a_job_is_readable() -> None:
    assert job_name("s20261130-175752-123456", 3, 1) == "sw-s20261130-175752-123456-3-1"
    assert job_name("s20261130-175752-123456", 99999, 12).endswith("-99999-12")
    assert job_name("SWEEP", 0, 1).startswith("sw-sweep-")


@given(SWEEPS)
def test_the_name_of_a_sweep_leaves_room_for_a_hash(sweep: str) -> None:
    assert is_dns_1035(f"{sweep_name(sweep)}-01234567")


@given(st.text(max_size=300))
def test_a_label_has_a_valid_value(text: str) -> None:
    value = label_value(text)

    assert is_label_value(value)
    assert value == text or not is_label_value(text)


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("a", True),
        ("a" * 63, True),
        ("a" * 64, False),
        ("a-b.c_d", True),
        ("", True),
        ("-a", False),
        ("a.", False),
        ("a b", False),
        ("ä", False),
    ],
)
def test_values_of_labels(text: str, valid: bool) -> None:  # noqa: FBT001 - a case
    assert is_label_value(text) is valid


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("name", True),
        ("nvidia.com/gpu", True),
        ("nvidia.com/mig-1g.5gb", True),
        ("a/b/c", False),
        ("/b", False),
        ("a/", False),
        ("A.com/b", False),
        ("a/" + "b" * 63, True),
        ("a/" + "b" * 64, False),
        ("a" * 254 + "/b", False),
    ],
)
def test_keys_of_labels_and_names_of_resources(text: str, valid: bool) -> None:  # noqa: FBT001
    assert is_qualified_name(text) is valid


@pytest.mark.parametrize(
    ("text", "valid"),
    [("a.b-c", True), ("a" * 253, True), ("a" * 254, False), ("A", False), ("a..b", False)],
)
def test_names_of_objects(text: str, valid: bool) -> None:  # noqa: FBT001 - a case
    assert is_subdomain(text) is valid


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("HF_TOKEN", True),
        ("a.b-c", True),
        ("1A", False),
        ("", False),
        ("..a", False),
        ("A=", False),
    ],
)
def test_names_of_variables(text: str, valid: bool) -> None:  # noqa: FBT001 - a case
    assert is_variable(text) is valid


@pytest.mark.parametrize(
    ("text", "valid"),
    [("tls.crt", True), ("..", False), (".", False), ("a/b", False), ("", False)],
)
def test_keys_of_secrets(text: str, valid: bool) -> None:  # noqa: FBT001 - a case
    assert is_key(text) is valid


@pytest.mark.parametrize(
    "image",
    [
        "python",
        "python:3.12-slim",
        "registry.example.com:5000/team/trials:v2",
        "localhost:5000/a",
        "ghcr.io/kubeflow/kubeflow/notebook-servers/jupyter-pytorch-full:v1.11.0",
        "a@sha256:" + "0" * 64,
        "a:b@sha256:" + "0" * 64,
        "[::1]:5000/a",
    ],
)
def test_references_to_images(image: str) -> None:
    assert is_image(image)


@pytest.mark.parametrize(
    "image",
    [
        "",
        " ",
        "Python",
        "a:",
        "a:b c",
        "user:password@registry/a",
        "https://a/b",
        "a@sha256:0",
        "a//b",
    ],
)
def test_texts_that_are_no_images(image: str) -> None:
    assert not is_image(image)


@given(st.text(max_size=60))
def test_no_image_breaks_out_of_its_line(text: str) -> None:
    assert not is_image(text) or re.fullmatch(r"[\x21-\x7e]+", text)
