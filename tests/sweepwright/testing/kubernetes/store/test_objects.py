"""The store as controllers use it, without HTTP."""

import threading
from collections.abc import Iterator
from queue import SimpleQueue

import pytest

from sweepwright.testing.kubernetes import Deletion, JsonObject, ObjectStore, Resource, StatusError
from sweepwright.testing.kubernetes.store.resources import CONFIG_MAPS, PODS

RUNNING = {"spec": {"nodeName": "node"}, "status": {"phase": "Running"}}


@pytest.fixture
def store() -> Iterator[ObjectStore]:
    store = ObjectStore()
    yield store
    store.close()


def named(name: str) -> JsonObject:
    return {"metadata": {"name": name}}


def test_what_is_returned_can_be_changed_without_changing_the_store(store: ObjectStore) -> None:
    store.create(PODS, "default", named("a"))["metadata"]["name"] = "b"
    store.get(PODS, "default", "a")["spec"] = {}
    assert "spec" not in store.list(PODS)[0]


def test_each_change_has_a_higher_version(store: ObjectStore) -> None:
    created = store.create(PODS, "default", named("a"))
    patched = store.patch_status(PODS, "default", "a", {"phase": "Running"})
    deleted = store.delete(PODS, "default", "a")
    versions = [int(each["metadata"]["resourceVersion"]) for each in (created, patched, deleted)]
    assert versions == sorted(set(versions))


def test_a_change_that_changes_nothing_has_no_version(store: ObjectStore) -> None:
    created = store.create(PODS, "default", named("a"))
    assert store.modify(PODS, "default", "a", lambda found: found) == created


def test_a_stale_update_is_a_conflict(store: ObjectStore) -> None:
    created = store.create(PODS, "default", named("a"))
    store.patch_status(PODS, "default", "a", {"phase": "Running"})
    with pytest.raises(StatusError) as caught:
        store.update(PODS, "default", created)
    assert caught.value.reason == "Conflict"


def test_a_pod_on_a_node_stays_until_its_kubelet_lets_it_go(store: ObjectStore) -> None:
    store.create(PODS, "default", {**named("a"), **RUNNING})
    marked = store.delete(PODS, "default", "a")
    assert marked["metadata"]["deletionGracePeriodSeconds"] == 30
    assert "deletionTimestamp" in store.get(PODS, "default", "a")["metadata"]
    shorter = store.delete(PODS, "default", "a", deletion=Deletion(grace_seconds=1))
    assert shorter["metadata"]["deletionGracePeriodSeconds"] == 1
    store.delete(PODS, "default", "a", deletion=Deletion(grace_seconds=0))
    assert store.list(PODS) == []


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_a_pod_that_has_ended_goes_at_once(store: ObjectStore, phase: str) -> None:
    store.create(PODS, "default", {**named("a"), **RUNNING, "status": {"phase": phase}})
    store.delete(PODS, "default", "a")
    assert store.list(PODS) == []


def test_an_object_that_is_held_goes_with_its_last_finalizer(store: ObjectStore) -> None:
    store.create(CONFIG_MAPS, "default", {"metadata": {"name": "a", "finalizers": ["x/y"]}})
    store.delete(CONFIG_MAPS, "default", "a")

    def released(found: JsonObject) -> JsonObject:
        found["metadata"]["finalizers"] = []
        return found

    store.modify(CONFIG_MAPS, "default", "a", released)
    assert store.list(CONFIG_MAPS) == []


def test_subscribers_hear_of_changes_in_order(store: ObjectStore) -> None:
    heard: SimpleQueue[tuple[str, str]] = SimpleQueue()

    def hear(kind: str, resource: Resource, found: JsonObject) -> None:
        assert resource == PODS
        assert threading.current_thread() is not threading.main_thread()
        heard.put((kind, found["metadata"]["name"]))

    store.subscribe(hear)
    store.create(PODS, "default", named("a"))
    store.patch_status(PODS, "default", "a", {"phase": "Pending"})
    store.delete(PODS, "default", "a")
    told = [heard.get(timeout=10) for _ in range(3)]
    assert told == [("ADDED", "a"), ("MODIFIED", "a"), ("DELETED", "a")]


def test_concurrent_changes_are_not_lost(store: ObjectStore) -> None:
    store.create(PODS, "default", {**named("a"), "count": 0})

    def increment() -> None:
        for _ in range(50):
            store.modify(
                PODS, "default", "a", lambda found: {**found, "count": found["count"] + 1}
            )

    threads = [threading.Thread(target=increment) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.get(PODS, "default", "a")["count"] == 200


def test_a_name_can_be_generated(store: ObjectStore) -> None:
    body = {"metadata": {"generateName": "trial-"}}
    names = {store.create(PODS, "default", body)["metadata"]["name"] for _ in range(20)}
    assert len(names) == 20
    assert all(name.startswith("trial-") and len(name) == 11 for name in names)
