"""Jobs on `local` share the machine's resources."""

import pytest

from sweepwright.contracts import Ended, Launched, Role
from sweepwright.events import Failure, FailureKind
from sweepwright.plugins.platforms.local import LocalOptions, sweep_platforms

HOLD = """
    import os, sys, time
    from sweepwright.trial import report_intermediate_result
    print(os.environ.get("CUDA_VISIBLE_DEVICES", "unset"), flush=True)
    report_intermediate_result(0)
    while not os.path.exists(sys.argv[0] + ".go"):
        time.sleep(0.01)
"""


class Holder:
    """Launches jobs that keep their resources until they are released."""

    def __init__(self, harness):
        self.harness = harness

    def launch(self, **resources):
        entry = self.harness.file(HOLD, "hold")
        return self.harness.launch((Role("main", entry, resources=resources),))

    def let_go(self, job):
        (self.harness.folder / f"hold{job.trial}.py.go").touch()
        return self.harness.end(job)

    def visible(self, trial):
        return self.harness.printed(trial)[0].strip()


@pytest.fixture
def holder(build_harness, monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return Holder(build_harness(cpus=2, gpus=2))


def test_a_job_names_the_resource_it_waits_for(holder) -> None:
    first, second = holder.launch(gpu=2), holder.launch(gpu=1)
    holder.harness.start(first)

    assert holder.harness.waits() == [(second.name, "1 gpu")]
    assert not holder.harness.of(second, Launched)
    assert holder.let_go(first) is None
    holder.harness.start(second)
    assert holder.let_go(second) is None


def test_jobs_wait_in_order(holder) -> None:
    """So small jobs do not starve a large one."""
    first, large, small = (holder.launch(cpu=cpu) for cpu in (1, 2, 1))
    holder.harness.start(first)
    holder.harness.platform.poll(0.1)

    assert holder.harness.waits() == [(large.name, "2 cpu"), (small.name, "1 cpu")]
    holder.let_go(first)
    holder.harness.start(large)
    assert not holder.harness.of(small, Launched)
    holder.let_go(large)
    assert holder.let_go(small) is None


def test_a_job_that_needs_nothing_never_waits(holder) -> None:
    holder.launch(cpu=2)
    holder.launch(cpu=1)
    free = holder.launch()

    assert holder.let_go(free) is None


def test_each_job_sees_gpus_of_its_own(holder) -> None:
    jobs = [holder.launch(gpu=1) for _ in range(2)]
    for job in jobs:
        holder.harness.start(job)

    assert {holder.visible(job.trial) for job in jobs} == {"0", "1"}


def test_a_share_of_a_gpu_is_shared(holder) -> None:
    jobs = [holder.launch(gpu=share) for share in (0.5, 0.5, 1)]
    for job in jobs:
        holder.harness.start(job)

    assert holder.visible(0) == holder.visible(1) != holder.visible(2)


def test_a_role_without_a_gpu_need_sees_all_gpus(holder) -> None:
    job = holder.launch(cpu=1)
    holder.harness.start(job)

    assert holder.visible(job.trial) == "unset"


def test_a_role_that_needs_0_gpus_sees_none(holder) -> None:
    job = holder.launch(gpu=0)
    holder.harness.start(job)
    holder.let_go(job)

    assert holder.visible(0) == "-1"


def test_each_process_of_a_job_sees_gpus_of_its_own(holder) -> None:
    entry = holder.harness.file("import os\nprint(os.environ['CUDA_VISIBLE_DEVICES'])\n", "show")
    failure = holder.harness.run((Role("main", entry, replicas=2, resources={"gpu": 1}),))

    assert failure is None
    shown = {holder.harness.printed(0, f"main-{rank}")[0] for rank in (0, 1)}
    assert shown == {"0\n", "1\n"}


def test_a_job_that_could_never_run_is_refused_at_once(holder) -> None:
    entry = holder.harness.file("pass")
    reason = holder.harness.refused((Role("main", entry, resources={"gpu": 3}),))

    assert reason == "this machine has less than 3 gpu"


def test_a_cancelled_job_leaves_the_queue(holder) -> None:
    first, second, third = (holder.launch(cpu=2) for _ in range(3))
    holder.harness.start(first)
    holder.harness.platform.cancel(second.name)

    assert holder.harness.end(second) == Failure(FailureKind.KILLED, "cancelled")
    assert not holder.harness.of(second, Launched)
    holder.let_go(first)
    assert holder.let_go(third) is None
    assert len(holder.harness.of(third, Ended)) == 1


def test_failed_launches_release_their_resources(holder) -> None:
    for _ in range(3):
        holder.harness.run((Role("main", holder.harness.file("1 / 0"), resources={"gpu": 2}),))
    job = holder.launch(gpu=2)

    assert holder.let_go(job) is None


def test_the_provider_reports_the_capacity() -> None:
    [provider] = sweep_platforms()
    assert provider.slots is not None
    slots = provider.slots(LocalOptions(cpus=3, gpus=("GPU-a", "GPU-b")))

    assert slots["cpu"] == 3
    assert slots["gpu"] == 2
    assert slots["memory"] > 1 << 20
