"""Arguments, variables and parameters arrive in a container as they were written."""

import json
import os
import sys

from sweepwright.contracts import Command, PythonFile, Role
from sweepwright.runner_client.pods.bootstrap import BOOTSTRAP
from sweepwright.runner_client.pods.environment import POD
from tests.odd_strings import ECHO, fuzz
from tests.sweepwright.runner_client.pods.pod_harness import Cluster, Pod, job_of

STRINGS = 10_000
JOBS = 10
DEFINED = {"X": "expanded", "HOME": "/root"}


def expand(text: str) -> str:
    """Expand references as Kubernetes does in values and arguments.

    The rules are those of ``third_party/forked/golang/expansion`` there.
    """
    result, at = "", 0
    while at < len(text):
        if text[at] != "$" or at + 1 == len(text):
            result, at = result + text[at], at + 1
            continue
        following = text[at + 1]
        end = text.find(")", at + 2)
        if following == "$":
            result, at = result + "$", at + 2
        elif following == "(" and end > 0:
            name = text[at + 2 : end]
            result, at = result + DEFINED.get(name, f"$({name})"), end + 1
        else:
            result, at = result + "$" + following, at + 2
    return result


def pod_of(cluster: Cluster, number: int, batch: list[str]) -> Pod:
    """Return a container that is given a third of a batch in each kind of place."""
    words, values, parameters = batch[::3], batch[1::3], batch[2::3]
    # Every second process is forked from an interpreter.
    entry = (
        Command((sys.executable, "echo.py", *words))
        if number % 2
        else PythonFile("echo.py", tuple(words))
    )
    variables = {f"EXACT{index}": value for index, value in enumerate(values)}
    assignment = {f"x{index}": value for index, value in enumerate(parameters)}
    role = Role("main", entry, environment=variables)
    # What lies in the job's folder is sent, and named relative to it; the interpreter is not.
    folder = str(cluster.code)
    return cluster.pod(job_of((role,), trial=number, assignment=assignment, folder=folder))


def test_references_are_expanded_as_in_kubernetes() -> None:
    assert expand("$(X) $$(X) $$$(X) $(Y) $x $( $") == "expanded $(X) $expanded $(Y) $x $( $"
    assert expand(BOOTSTRAP) == BOOTSTRAP


def test_ten_thousand_odd_strings_arrive_unchanged(cluster: Cluster) -> None:
    (cluster.code / "echo.py").write_text(ECHO)
    strings = fuzz(STRINGS)
    for number in range(JOBS):
        batch = strings[number::JOBS]
        pod = pod_of(cluster, number, batch)
        manifest = json.loads(json.dumps(pod.environment))
        pod.environment = {name: expand(value) for name, value in manifest.items()}
        assert pod.environment[POD] == manifest[POD]
        done = pod.run()
        assert done.failure is None, done.log
        received = json.loads(done.text)

        assert received["arguments"] == [os.fsencode(word).hex() for word in batch[::3]]
        assert received["parameters"] == {f"x{i}": v for i, v in enumerate(batch[2::3])}
        assert received["variables"] == {
            f"EXACT{index}": os.fsencode(value).hex() for index, value in enumerate(batch[1::3])
        }
