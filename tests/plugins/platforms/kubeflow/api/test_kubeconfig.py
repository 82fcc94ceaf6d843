"""Kubeconfig files are read by the rules of kubectl, and faults are told at their place."""

import pytest
import yaml

from sweepwright.plugins.platforms.kubeflow.api.errors import NoClusterError
from sweepwright.plugins.platforms.kubeflow.api.kubeconfig import read_context

SECRET = "s3cr3t-t0ken"  # noqa: S105 — it must not appear in messages


def kubeconfig(current=None, contexts=("a",), **more):
    document = {
        "clusters": [{"name": "c", "cluster": {"server": "https://c"}}],
        "users": [{"name": "u", "user": {"token": SECRET}}],
        "contexts": [
            {"name": name, "context": {"cluster": "c", "user": "u"}} for name in contexts
        ],
        **more,
    }
    return document | ({"current-context": current} if current else {})


def write(folder, name, document):
    file = folder / name
    text = document if isinstance(document, str) else yaml.safe_dump(document)
    file.write_text(text, encoding="utf-8")
    return file


def fault(files, context=None):
    with pytest.raises(NoClusterError) as caught:
        read_context(files, context)
    assert SECRET not in str(caught.value)
    return str(caught.value).replace(str(files[0].parent), "")


def test_the_current_context_is_chosen(tmp_path):
    context = read_context([write(tmp_path, "f", kubeconfig("b", ["a", "b"]))], None)

    assert context.user
    assert (context.name, context.cluster.name, context.user.name) == ("b", "c", "u")
    assert SECRET not in repr(context)


def test_of_several_files_the_first_that_says_something_counts(tmp_path):
    """The official client takes the current context of the last file."""
    first = write(tmp_path, "1", kubeconfig("b", ["a", "b"]))
    empty = write(tmp_path, "2", "")
    other = {"name": "c", "cluster": {"server": "https://other"}}
    last = write(tmp_path, "3", kubeconfig("z", ["z"], clusters=[other]))
    context = read_context([empty, first, last], None)

    assert context.name == "b"
    assert context.cluster.value["server"] == "https://c"
    assert context.files == [first, last]
    assert read_context([empty, first, last], "z").cluster.value["server"] == "https://c"


def test_a_namespace_comes_from_the_context(tmp_path):
    contexts = [{"name": "a", "context": {"cluster": "c", "user": "u", "namespace": "lab"}}]
    file = write(tmp_path, "f", {**kubeconfig("a"), "contexts": contexts})

    assert read_context([file], None).namespace == "lab"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("", "/f: the file is empty"),
        ("a: 1\n b: [\n", "/f:2:3 is not valid YAML: mapping values are not allowed here"),
        (f"token: '{SECRET}\n", "/f:2:1 is not valid YAML: found unexpected end of stream"),
        ("- 1\n", "/f is no kubeconfig: it holds no mapping"),
        ("contexts: x\n", "/f is no kubeconfig: `contexts` is no list"),
        ("contexts: [{context: {}}]\n", "/f: `contexts[0]` has no name"),
        ("contexts: [{name: a, context: x}]\n", "/f: `contexts[0].context` is no mapping"),
        ({}, "/f defines no context"),
        (
            kubeconfig(None, ["a", "b"]),
            "/f has no `current-context`; choose one of `a`, `b`",
        ),
        (
            kubeconfig("gone", ["a", "b"]),
            "/f does not define its current context `gone`; it defines `a`, `b`",
        ),
        (
            kubeconfig("a", users=[]),
            "/f: context `a` names the user `u`, which is not defined",
        ),
        (
            {**kubeconfig("a"), "contexts": [{"name": "a", "context": {}}]},
            "/f: context `a` names no cluster",
        ),
    ],
)
def test_a_fault_is_told_with_its_place(tmp_path, document, message):
    assert fault([write(tmp_path, "f", document)]) == message


def test_an_absent_context_is_told_with_the_nearest_name(tmp_path):
    file = write(tmp_path, "f", kubeconfig("a", ["kind-lab", "prod"]))

    assert fault([file], "kind-lap") == (
        "/f does not define the context `kind-lap`; did you mean `kind-lab`?"
    )
    many = write(tmp_path, "g", kubeconfig("a", [f"n{number}" for number in range(20)]))
    assert fault([many], "zzz").endswith("`n7` and 12 more")


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    folder = tmp_path / "f"
    folder.mkdir()
    binary = tmp_path / "g"
    binary.write_bytes(b"\xff\xfe\x00")

    assert fault([folder]) == "/f cannot be read: Is a directory"
    assert fault([binary]) == "/g is no text in UTF-8"
