"""Jobs on `local` share what the machine has."""

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
    """Launches jobs that hold on to what they have until they are let go."""

    def __init__(self, bench):
        self.bench = bench

    def launch(self, **resources):
        entry = self.bench.file(HOLD, "hold")
        return self.bench.launch((Role("main", entry, resources=resources),))

    def let_go(self, job):
        (self.bench.folder / f"hold{job.trial}.py.go").touch()
        return self.bench.end(job)

    def visible(self, trial):
        return self.bench.printed(trial)[0].strip()


@pytest.fixture
def holder(build_bench, monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return Holder(build_bench(cpus=2, gpus=2))


def test_a_job_that_lacks_something_says_what_and_then_runs(holder) -> None:
    first, second = holder.launch(gpu=2), holder.launch(gpu=1)
    holder.bench.start(first)

    assert holder.bench.waits() == [(second.name, "1 gpu")]
    assert not holder.bench.of(second, Launched)
    assert holder.let_go(first) is None
    holder.bench.start(second)
    assert holder.let_go(second) is None


def test_jobs_wait_in_order(holder) -> None:
    """A small one does not overtake a large one for ever."""
    first, large, small = (holder.launch(cpu=cpu) for cpu in (1, 2, 1))
    holder.bench.start(first)
    holder.bench.platform.poll(0.1)

    assert holder.bench.waits() == [(large.name, "2 cpu"), (small.name, "1 cpu")]
    holder.let_go(first)
    holder.bench.start(large)
    assert not holder.bench.of(small, Launched)
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
        holder.bench.start(job)

    assert {holder.visible(job.trial) for job in jobs} == {"0", "1"}


def test_a_share_of_a_gpu_is_shared(holder) -> None:
    jobs = [holder.launch(gpu=share) for share in (0.5, 0.5, 1)]
    for job in jobs:
        holder.bench.start(job)

    assert holder.visible(0) == holder.visible(1) != holder.visible(2)


def test_whoever_asks_for_no_gpu_is_shown_what_there_is(holder) -> None:
    job = holder.launch(cpu=1)
    holder.bench.start(job)

    assert holder.visible(job.trial) == "unset"


def test_who_wants_0_gpus_is_shown_none(holder) -> None:
    job = holder.launch(gpu=0)
    holder.bench.start(job)
    holder.let_go(job)

    assert holder.visible(0) == "-1"


def test_each_process_of_a_job_has_its_own(holder) -> None:
    entry = holder.bench.file("import os\nprint(os.environ['CUDA_VISIBLE_DEVICES'])\n", "show")
    failure = holder.bench.run((Role("main", entry, replicas=2, resources={"gpu": 1}),))

    assert failure is None
    shown = {holder.bench.printed(0, f"main-{rank}")[0] for rank in (0, 1)}
    assert shown == {"0\n", "1\n"}


def test_what_could_never_run_fails_at_once(holder) -> None:
    job = holder.launch(gpu=3)

    assert holder.bench.end(job) == Failure(FailureKind.LAUNCH, "this machine has less than 3 gpu")


def test_a_cancelled_job_leaves_the_line(holder) -> None:
    first, second, third = (holder.launch(cpu=2) for _ in range(3))
    holder.bench.start(first)
    holder.bench.platform.cancel(second.name)

    assert holder.bench.end(second) == Failure(FailureKind.KILLED, "cancelled")
    assert not holder.bench.of(second, Launched)
    holder.let_go(first)
    assert holder.let_go(third) is None
    assert len(holder.bench.of(third, Ended)) == 1


def test_failed_launches_give_back_what_they_held(holder) -> None:
    for _ in range(3):
        holder.bench.run((Role("main", holder.bench.file("1 / 0"), resources={"gpu": 2}),))
    job = holder.launch(gpu=2)

    assert holder.let_go(job) is None


def test_the_provider_tells_what_there_is() -> None:
    [provider] = sweep_platforms()
    assert provider.slots is not None
    slots = provider.slots(LocalOptions(cpus=3, gpus=("GPU-a", "GPU-b")))

    assert slots["cpu"] == 3
    assert slots["gpu"] == 2
    assert slots["memory"] > 1 << 20
