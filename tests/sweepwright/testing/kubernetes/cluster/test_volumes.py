"""Volumes of pods, from the objects that they refer to."""

import base64
from typing import Any

import pytest

from sweepwright.testing.kubernetes.cluster.kubelet.runtime import NotReadyError, VolumeContent
from sweepwright.testing.kubernetes.cluster.kubelet.volumes import pod_volumes
from sweepwright.testing.kubernetes.store.resources import CONFIG_MAPS, SECRETS, Resource

OBJECTS: dict[tuple[Resource, str], dict[str, Any]] = {
    (CONFIG_MAPS, "code"): {"data": {"a.py": "1", "b.py": "2"}},
    (SECRETS, "keys"): {"data": {"token": base64.b64encode(b"hush").decode()}},
}


def content(**volume: Any) -> VolumeContent:
    pod = {
        "metadata": {"namespace": "default"},
        "spec": {"volumes": [{"name": "volume", **volume}]},
    }
    return pod_volumes(pod, lambda kind, name: OBJECTS.get((kind, name)))["volume"]


def test_a_config_map_has_a_file_for_each_key():
    assert content(configMap={"name": "code"}).files == {"a.py": b"1", "b.py": b"2"}


def test_items_choose_keys_and_paths():
    items = [{"key": "b.py", "path": "lib/c.py"}]

    assert content(configMap={"name": "code", "items": items}).files == {"lib/c.py": b"2"}


def test_a_secret_is_decoded():
    assert content(secret={"secretName": "keys"}).files == {"token": b"hush"}


def test_what_is_optional_may_be_missing():
    items = [{"key": "none", "path": "none"}]

    assert content(configMap={"name": "none", "optional": True}).files == {}
    assert content(configMap={"name": "code", "items": items, "optional": True}).files == {}


@pytest.mark.parametrize(
    ("volume", "problem"),
    [
        ({"configMap": {"name": "none"}}, 'configmap "none" not found'),
        ({"secret": {"secretName": "none"}}, 'secret "none" not found'),
        (
            {"configMap": {"name": "code", "items": [{"key": "none", "path": "x"}]}},
            "configmap references non-existent config key: none",
        ),
        (
            {"persistentVolumeClaim": {"claimName": "none"}},
            'persistentvolumeclaim "none" not found',
        ),
    ],
)
def test_what_is_missing_keeps_a_pod_from_starting(volume: dict[str, Any], problem: str):
    with pytest.raises(NotReadyError) as error:
        content(**volume)

    assert error.value.message == f'MountVolume.SetUp failed for volume "volume" : {problem}'
    assert error.value.event == "FailedMount"
