"""Whatever the API server answers, trials go on, and each has one job and one result."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from tests.system.driven_sweeps import output_of
from tests.system.kubeflow.cluster_sweeps import ClusterSweep, assert_unharmed
from tests.system.kubeflow.stand_in_cluster import StandInCluster

AWAY = "waiting for the API server, which cannot be reached: "
TOKENS = """
    import json
    from pathlib import Path

    token = Path(__file__).with_name("token").read_text()
    credential = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential"}
    print(json.dumps({**credential, "status": {"token": token}}))
"""
"""A credential plugin, which gives whatever token is in a file beside it."""


def begin(sweep: ClusterSweep, trials: int = 2) -> None:
    """Start a sweep, and wait until some of its trials run."""
    sweep.start()
    sweep.wait_until_started(trials)
    sweep.wait_until(lambda: sweep.began() == dict.fromkeys(range(trials), 1))


def assert_undisturbed(sweep: ClusterSweep, trials: int) -> None:
    """Check that no trial has noticed anything."""
    assert sweep.began() == dict.fromkeys(range(trials), 1)
    assert sweep.retries() == []
    assert sweep.outcome() == sweep.run_here()
    assert_unharmed(sweep, trials)


def drop_watches(world: StandInCluster) -> None:
    assert world.server.faults.drop_watches() == 2


def drop_connections(world: StandInCluster) -> None:
    world.server.faults.drop_connections()


def expire_versions(world: StandInCluster) -> None:
    world.server.faults.expire_versions(within_watches=True)


def expire_versions_unnoticed(world: StandInCluster) -> None:
    world.server.faults.expire_versions()
    world.server.faults.drop_watches()


def throttle(world: StandInCluster) -> None:
    """Refuse all requests for a while; the logs must be asked for again as well."""
    world.server.faults.throttle(times=4)
    world.server.faults.drop_connections()


@pytest.mark.parametrize(
    "disturb",
    [
        pytest.param(drop_watches, marks=pytest.mark.ci_only),
        pytest.param(drop_connections, marks=pytest.mark.ci_only),
        pytest.param(expire_versions, marks=pytest.mark.ci_only),
        pytest.param(expire_versions_unnoticed, marks=pytest.mark.ci_only),
        pytest.param(throttle, marks=pytest.mark.ci_only),
    ],
)
def test_short_disturbances_are_not_worth_a_word(
    sweep_in, world, disturb: Callable[[StandInCluster], None]
) -> None:
    sweep = sweep_in(overrides=("max_trials=3", "concurrency=2"))
    begin(sweep)
    disturb(world)
    sweep.open_gate()
    printed = output_of(sweep.driver)

    assert "waiting for" not in printed
    assert "refused" not in printed
    assert_undisturbed(sweep, 3)


@pytest.mark.parametrize("times", [1, pytest.param(3, marks=pytest.mark.ci_only)])
def test_a_create_whose_answer_is_lost_makes_one_job(sweep_in, world, times: int) -> None:
    sweep = sweep_in(overrides=("max_trials=2", "concurrency=1"))
    begin(sweep, 1)
    world.server.faults.lose_answers(verb="create", resource="jobs", times=times)
    before = world.server.requests.count("create", "jobs")
    sweep.open_gate()
    output_of(sweep.driver)

    assert world.server.requests.count("create", "jobs") == before + 1 + times
    assert len(world.created) == 2
    assert_undisturbed(sweep, 2)


@pytest.mark.ci_only
def test_a_deletion_whose_answer_is_lost_is_no_fault(sweep_in, world) -> None:
    sweep = sweep_in(overrides=("max_trials=2", "concurrency=2"))
    begin(sweep)
    world.server.faults.lose_answers(verb="delete", times=2)
    sweep.open_gate()
    output_of(sweep.driver)

    assert_undisturbed(sweep, 2)


@pytest.mark.ci_only
def test_throttled_from_the_beginning_a_sweep_takes_longer(sweep_in, world) -> None:
    world.server.faults.throttle(times=2)
    sweep = sweep_in(overrides=("max_trials=2",))
    sweep.run()

    assert_undisturbed(sweep, 2)


@pytest.mark.ci_only
def test_server_that_fails_for_half_a_minute_is_told_once(sweep_in, world) -> None:
    sweep = sweep_in(overrides=("max_trials=4", "concurrency=2"))
    begin(sweep)
    world.server.faults.answer(500, times=10**9, message="etcdserver: leader changed")
    world.server.faults.drop_connections()
    sweep.open_gate()
    time.sleep(30)
    world.server.faults.clear()
    printed = output_of(sweep.driver)

    assert printed.count(AWAY) == 1
    assert "etcdserver: leader changed" in printed
    assert_undisturbed(sweep, 4)


@pytest.mark.parametrize(
    ("kind", "seconds"),
    [
        ("refuse", 3),
        ("close", 3),
        ("hang", 10),
        ("refuse", 60),
    ],
)
@pytest.mark.ci_only
def test_trials_go_on_while_the_server_is_away(sweep_in, world, kind: str, seconds: float) -> None:
    """The running trials end meanwhile, and those that are left begin afterwards."""
    options = {"request_timeout": "3"}
    sweep = sweep_in(overrides=("max_trials=3", "concurrency=2"), options=options)
    begin(sweep)
    with world.server.faults.outage(kind):
        sweep.open_gate()
        sweep.wait_for_line(AWAY)
        time.sleep(seconds - 2)
    printed = output_of(sweep.driver)

    assert printed.count(AWAY) == 1
    assert_undisturbed(sweep, 3)


@pytest.mark.ci_only
def test_expired_tokens_are_renewed_by_the_credential_plugin(
    sweep_in, world, tmp_path: Path
) -> None:
    plugin = tmp_path / "plugin.py"
    plugin.write_text(dedent(TOKENS))
    (tmp_path / "token").write_text("first")
    world.server.tokens.add("first", "alice")
    api = "client.authentication.k8s.io/v1"
    call = {"apiVersion": api, "command": sys.executable, "args": [str(plugin)]}
    user = {"exec": {**call, "interactiveMode": "Never"}}
    config = world.server.kubeconfig(tmp_path / "config", user=user)
    options = {"kubeconfig": str(config)}
    sweep = sweep_in(overrides=("max_trials=3", "concurrency=2"), options=options)
    begin(sweep)
    world.server.tokens.add("second", "alice")
    (tmp_path / "token").write_text("second")
    world.server.tokens.expire("first")
    world.server.faults.drop_connections()
    sweep.open_gate()
    printed = output_of(sweep.driver)

    assert "waiting for" not in printed
    assert_undisturbed(sweep, 3)


@pytest.mark.ci_only
def test_credentials_that_have_expired_are_waited_for(sweep_in, world, tmp_path: Path) -> None:
    world.server.tokens.add("only", "alice")
    config = world.server.kubeconfig(tmp_path / "config", token="only")  # noqa: S106
    options = {"kubeconfig": str(config)}
    sweep = sweep_in(overrides=("max_trials=3", "concurrency=2"), options=options)
    begin(sweep)
    world.server.tokens.expire("only")
    world.server.faults.drop_connections()
    sweep.open_gate()
    sweep.wait_for_line("waiting for ")
    world.server.tokens.add("only", "alice")
    printed = output_of(sweep.driver)

    assert printed.count("waiting for the API server, which refuses access: ") == 1
    assert "Unauthorized" in printed
    assert_undisturbed(sweep, 3)
