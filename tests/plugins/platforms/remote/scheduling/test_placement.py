"""Tests of the choice of machines."""

from dataclasses import dataclass, field

import pytest

from sweepwright.plugins.platforms.remote.scheduling.machine_room import MachineRoom
from sweepwright.plugins.platforms.remote.scheduling.placement import (
    Kind,
    Share,
    Wait,
    choose_machines,
    describe_wait,
    explain_impossible,
    kind_of,
)
from sweepwright.plugins.platforms.remote.scheduling.placement_queue import PlacementQueue
from sweepwright.runner.capacity import Capacity
from sweepwright.runner.slots import Needs

NOTHING: Needs = ({},)


@dataclass
class Waiter:
    name: str
    needs: Needs = NOTHING
    number: int = 0
    homes: list[str] = field(default_factory=list)

    @property
    def kind(self) -> Kind:
        return kind_of(self.needs)


def room(name: str, slots: int = 4, cpus: float = 4.0, gpus: int = 0) -> MachineRoom:
    made = MachineRoom(name)
    made.set_capacity(slots, Capacity(cpus, tuple(map(str, range(gpus)))))
    made.open = True
    return made


def machines(shares) -> list[str]:
    return [share.machine for share in shares]


def test_the_least_loaded_machine_is_chosen_relative_to_its_slots():
    small, large = room("small", slots=2), room("large", slots=8)
    small.hold("a", NOTHING)
    large.hold("b", NOTHING)
    large.hold("c", NOTHING)

    assert machines(choose_machines(NOTHING, [small, large])) == ["large"]


def test_ties_are_broken_by_the_order_of_machines():
    assert machines(choose_machines(NOTHING, [room("b"), room("a")])) == ["b"]


def test_a_home_is_preferred_unless_it_is_much_more_loaded():
    idle, home = room("idle", slots=4), room("home", slots=4)
    for name in "ab":
        home.hold(name, NOTHING)

    assert machines(choose_machines(NOTHING, [idle, home], ["home"])) == ["idle"]

    home.release("b")

    assert machines(choose_machines(NOTHING, [idle, home], ["home"])) == ["home"]


def test_a_job_that_fits_on_one_machine_is_not_divided():
    first, second = room("first", cpus=2), room("second", cpus=2)
    first.hold("a", ({"cpu": 1},))
    second.hold("b", ({"cpu": 1},))

    assert not choose_machines(({"cpu": 1}, {"cpu": 1}), [first, second])

    second.release("b")

    assert choose_machines(({"cpu": 1}, {"cpu": 1}), [first, second]) == [Share("second", (0, 1))]


def test_a_job_that_fits_on_no_machine_is_divided_by_whole_processes():
    rooms = [room("first", gpus=2), room("second", gpus=1)]
    shares = choose_machines(({"gpu": 1}, {"gpu": 1}, {"gpu": 1}), rooms)

    assert shares == [Share("first", (0, 1)), Share("second", (2,))]
    assert not choose_machines(({"gpu": 3},), rooms)


def test_large_processes_choose_first():
    rooms = [room("first", cpus=3), room("second", cpus=2)]

    assert choose_machines(({"cpu": 2}, {"cpu": 3}), rooms) == [
        Share("first", (1,)),
        Share("second", (0,)),
    ]


def test_what_can_never_run_is_explained_for_each_machine():
    rooms = [room("box1", gpus=1), room("box2", cpus=8)]

    assert explain_impossible(({"gpu": 2},), rooms) == (
        "box1 has less than 2 gpu, box2 has less than 2 gpu"
    )
    assert not explain_impossible(({"gpu": 1}, {"cpu": 8}), rooms)


def test_a_machine_of_unknown_capacity_may_run_anything():
    assert not explain_impossible(({"gpu": 9},), [room("box1"), MachineRoom("box2")])


def test_a_wait_names_what_is_lacking_and_where():
    rooms = [room("box1", slots=1), room("box2", slots=1), room("box3", gpus=1)]
    for each in rooms:
        each.hold("a", ({"gpu": 1},) if each.name == "box3" else NOTHING)

    assert describe_wait(NOTHING, rooms[:2]) == Wait("a slot on box1, box2")
    assert describe_wait(({"gpu": 1},), rooms) == Wait("1 gpu on box3")


def test_a_wait_names_machines_that_cannot_be_used_with_the_reason():
    closed = room("box1", gpus=1)
    closed.open, closed.closed, closed.reason = False, "cannot be reached", "Connection refused"

    assert describe_wait(({"gpu": 1},), [closed, room("box2")]) == Wait(
        "box1, which cannot be reached", "box1: Connection refused"
    )


def test_machines_that_cannot_be_used_for_one_reason_are_named_together():
    rooms = [room(name) for name in ("box1", "box2", "box3")]
    reasons = ("cannot be reached", "cannot run trials", "cannot be reached")
    for each, why in zip(rooms, reasons, strict=True):
        each.open, each.closed = False, why

    assert describe_wait(NOTHING, rooms).wants == (
        "box1, box3, each of which cannot be reached, or box2, which cannot run trials"
    )


def test_small_jobs_do_not_starve_a_large_one_and_use_the_other_machines():
    rooms = [room("one", cpus=2), room("two", cpus=2)]
    queue = PlacementQueue(rooms)
    for each in rooms:
        each.hold(f"busy {each.name}", ({"cpu": 1},))
    queue.add(Waiter("large", ({"cpu": 2},), number=0))
    for number in (1, 2):
        queue.add(Waiter(f"small{number}", ({"cpu": 1},), number=number))

    taken = queue.take()
    assert taken
    assert (taken[0].name, machines(taken[1])) == ("small1", ["two"])
    assert queue.take() is None

    rooms[1].release("busy two")
    rooms[1].release("small1")
    rooms[0].release("busy one")
    taken = queue.take()
    assert taken
    assert taken[0].name == "large"


def test_a_target_that_is_closed_is_replaced():
    rooms = [room("one", cpus=2), room("two", cpus=2)]
    queue = PlacementQueue(rooms)
    for each in rooms:
        each.hold(f"busy {each.name}", ({"cpu": 1},))
    queue.add(Waiter("large", ({"cpu": 2},)))
    assert queue.take() is None  # keeps `one`

    rooms[0].open = False
    rooms[1].release("busy two")
    taken = queue.take()

    assert taken
    assert machines(taken[1]) == ["two"]


@pytest.mark.parametrize("slots", [1, 3])
def test_no_more_parts_than_slots(slots: int):
    rooms = [room("one", slots=slots)]
    queue = PlacementQueue(rooms)
    for number in range(5):
        queue.add(Waiter(f"job{number}", number=number))
    taken = [job.name for job, _ in iter(queue.take, None)]

    assert taken == [f"job{number}" for number in range(slots)]


class CountingRoom(MachineRoom):
    """A room that counts how often somebody looks into it."""

    looks = 0

    def never(self, needs: Needs) -> str:
        self.looks += 1
        return super().never(needs)


def test_a_full_queue_is_searched_once_for_jobs_with_the_same_needs():
    only = CountingRoom("one")
    only.set_capacity(4, Capacity(4.0, ()))
    only.open = True
    only.hold("busy", [{"cpu": 3}])
    queue = PlacementQueue([only])
    queue.add(Waiter("first", [{"cpu": 2}]))
    assert queue.take() is None
    looks = only.looks
    for number in range(1, 50):
        queue.add(Waiter(f"job {number}", [{"cpu": 2}], number))
    for _ in range(50):
        assert queue.take() is None
    assert only.looks <= 2 * looks

    only.release("busy")
    taken = [job.name for job, _ in iter(queue.take, None)]
    assert taken == ["first", "job 1"]
