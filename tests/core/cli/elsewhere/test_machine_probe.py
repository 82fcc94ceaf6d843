"""The platform looks at its machines before a sweep begins or resumes, and on request."""

from dataclasses import replace
from pathlib import Path

from sweepwright.contracts import Finding
from sweepwright.testing.simulated import Cluster
from tests.core.cli.application import App
from tests.core.cli.elsewhere.simulated_platform import Offers


def test_machines_are_probed_before_a_sweep_begins(app: App, cluster: Cluster) -> None:
    cluster.findings = [Finding((), "`lab1` does not answer", "switch it on")]
    ran = app("trial=noop", "platform=simulated", "max_trials=1", "--quiet")

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error[M101]: `lab1` does not answer\n")
    assert "(platform)" in ran.err
    assert "help: switch it on" in ran.err
    assert not Path("sweeps").exists()
    assert cluster.runs == {}


def test_a_machine_that_is_left_out_is_a_warning(app: App, cluster: Cluster) -> None:
    cluster.findings = [Finding(("tick",), "`lab2` is left out", warning=True)]
    words = ["trial=noop", "platform=simulated", "platform.tick=0.5", "max_trials=1"]
    ran = app(*words, "--quiet")

    assert ran.code == 0
    assert ran.err.startswith("warning[M101]: `lab2` is left out\n")
    assert "platform.tick=0.5" in ran.err
    assert app(*words, "--quiet", "strict=true").code == 2

    resumed = app("resume", "max_trials=2", "--quiet")

    assert resumed.code == 0
    assert "warning[M101]: `lab2` is left out\n" in resumed.err


def test_a_resume_probes_before_anything_starts(app: App, sweep: Path, cluster: Cluster) -> None:
    cluster.findings = [Finding((), "`lab1` does not answer")]
    ran = app("resume", "max_trials=3", "--quiet")

    assert ran.code == 2
    assert "error[M101]: `lab1` does not answer\n" in ran.err
    assert len(cluster.runs) == 2
    assert sweep.name in app("list").out


def test_check_connects_only_on_request(app: App, cluster: Cluster) -> None:
    cluster.findings = [Finding((), "`lab1` does not answer")]

    assert app("check", "trial=noop", "platform=simulated").code == 0
    ran = app("check", "--connect", "trial=noop", "platform=simulated")
    assert ran.code == 2
    assert "error[M101]" in ran.out

    cluster.findings = []
    assert app("check", "--connect", "trial=noop", "platform=simulated").out.endswith(
        ", ready on simulated\n"
    )


def test_a_probe_that_raises_names_its_plugin(app: App, offers: Offers) -> None:
    def fail(*_: object) -> list[Finding]:
        raise ZeroDivisionError("a mistake")

    offers.provider = replace(offers.provider, probe=fail)

    assert app("trial=noop", "platform=simulated", "--quiet").err == (
        "error: platform `simulated` failed: ZeroDivisionError: a mistake\n"
    )
