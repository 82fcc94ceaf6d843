from typing import Any

import pytest

from sweepwright.testing.kubernetes import StatusError
from sweepwright.testing.kubernetes.store.patches import JSON, MERGE, STRATEGIC, apply_patch

VALUE = {"metadata": {"labels": {"a": "1", "b/c": "2"}}, "list": [1, 2, 3]}


def test_a_merge_patch_sets_and_removes_keys_and_replaces_lists() -> None:
    patch = {"metadata": {"labels": {"a": None, "d": "4"}}, "list": [9], "new": {"x": {}}}
    assert apply_patch(MERGE, VALUE, patch) == {
        "metadata": {"labels": {"b/c": "2", "d": "4"}},
        "list": [9],
        "new": {"x": {}},
    }


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        ({"op": "add", "path": "/list/1", "value": 7}, {"list": [1, 7, 2, 3]}),
        ({"op": "add", "path": "/list/-", "value": 7}, {"list": [1, 2, 3, 7]}),
        ({"op": "replace", "path": "/list/0", "value": 7}, {"list": [7, 2, 3]}),
        ({"op": "remove", "path": "/list/0"}, {"list": [2, 3]}),
        ({"op": "copy", "from": "/list/0", "path": "/x"}, {"x": 1}),
        ({"op": "move", "from": "/list", "path": "/x"}, {"x": [1, 2, 3]}),
        ({"op": "test", "path": "/metadata/labels/b~1c", "value": "2"}, {}),
        ({"op": "add", "path": "/metadata/labels/b~1c", "value": "5"}, {}),
    ],
)
def test_json_patches(operation: dict[str, Any], expected: dict[str, Any]) -> None:
    patched = apply_patch(JSON, VALUE, [operation])
    assert expected.items() <= patched.items()
    assert VALUE["list"] == [1, 2, 3]


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "remove", "path": "/absent"},
        {"op": "replace", "path": "/absent", "value": 1},
        {"op": "test", "path": "/list/0", "value": 2},
        {"op": "add", "path": "/list/9", "value": 1},
        {"op": "add", "path": "no slash", "value": 1},
        {"op": "explode", "path": "/list"},
        {"path": "/list"},
    ],
)
def test_a_json_patch_that_does_not_fit_is_refused(operation: dict[str, Any]) -> None:
    with pytest.raises(StatusError) as caught:
        apply_patch(JSON, VALUE, [operation])
    assert caught.value.code == 422


def test_a_strategic_patch_merges_lists_by_key() -> None:
    value = {
        "containers": [{"name": "a", "image": "1", "env": [{"name": "X", "value": "1"}]}],
        "finalizers": ["kept"],
        "args": ["old"],
    }
    patch = {
        "containers": [
            {"name": "a", "env": [{"name": "Y", "value": "2"}]},
            {"name": "b", "image": "2"},
        ],
        "finalizers": ["added"],
        "args": ["new"],
    }
    assert apply_patch(STRATEGIC, value, patch) == {
        "containers": [
            {
                "name": "a",
                "image": "1",
                "env": [{"name": "X", "value": "1"}, {"name": "Y", "value": "2"}],
            },
            {"name": "b", "image": "2"},
        ],
        "finalizers": ["kept", "added"],
        "args": ["new"],
    }


def test_a_strategic_patch_has_directives() -> None:
    value = {"env": [{"name": "X"}, {"name": "Y"}], "finalizers": ["a", "b"], "map": {"x": 1}}
    patch = {
        "env": [{"name": "X", "$patch": "delete"}],
        "$deleteFromPrimitiveList/finalizers": ["a"],
        "map": {"$patch": "replace", "y": 2},
    }
    expected = {"env": [{"name": "Y"}], "finalizers": ["b"], "map": {"y": 2}}
    assert apply_patch(STRATEGIC, value, patch) == expected


@pytest.mark.parametrize(("kind", "patch"), [(MERGE, [1]), (JSON, {"a": 1})])
def test_a_patch_of_the_wrong_form_is_refused(kind: str, patch: Any) -> None:
    with pytest.raises(StatusError) as caught:
        apply_patch(kind, VALUE, patch)
    assert caught.value.code == 400
