"""Objects are written as YAML that every parser reads alike."""

import re

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from sweepwright.core.views.yaml_text.object_yaml import object_yaml

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)

BREAKS = re.compile("[\x85\u2028\u2029]")
"""Characters that end a line in YAML 1.1, and not in YAML 1.2."""


class Yaml12(yaml.SafeLoader):
    """Reads scalars by the core schema of YAML 1.2; the text must have none of `BREAKS`."""


Yaml12.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("null", r"null|Null|NULL|~|", ["n", "N", "~", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.nan",
        list("-+0123456789."),
    ),
):
    whole = re.compile(f"(?:{pattern})\\Z")
    Yaml12.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", whole, first)


@given(st.dictionaries(st.text(), JSON, max_size=4))
@example({"a": "1\u20282\n"})
@example({"a": "\x85\n"})
def test_what_is_written_is_read_back_unchanged(body: dict[str, object]) -> None:
    text = object_yaml(body)

    assert yaml.safe_load(text) == body
    assert not BREAKS.search(text)
    assert yaml.load(text, Yaml12) == body  # noqa: S506 - it is a safe loader


@pytest.mark.parametrize(
    "text", ["y", "N", "on", "null", "~", "1e3", "0x1F", "0o7", "12:30", ".inf", "1_000", "=", ""]
)
def test_text_that_some_parsers_misread_is_quoted(text: str) -> None:
    assert object_yaml({"value": text}) == f'value: "{text}"\n'
    assert f'"{text}"' in object_yaml({text: 1})


def test_ordinary_words_and_paths_are_not_quoted() -> None:
    text = object_yaml({"kind": "PyTorchJob", "apiVersion": "kubeflow.org/v1", "count": 2})

    assert text == "kind: PyTorchJob\napiVersion: kubeflow.org/v1\ncount: 2\n"


def test_equal_parts_are_written_in_full_and_lines_as_a_block() -> None:
    shared = {"script": "import os\nprint(1)\n"}

    assert object_yaml({"a": shared, "b": shared}) == (
        "a:\n  script: |\n    import os\n    print(1)\n"
        "b:\n  script: |\n    import os\n    print(1)\n"
    )
