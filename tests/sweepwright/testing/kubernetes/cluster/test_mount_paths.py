"""Paths of mounts and addresses of pods in the texts that a container is given."""

from sweepwright.testing.kubernetes.cluster.kubelet.addresses import Addresses
from sweepwright.testing.kubernetes.cluster.kubelet.mount_paths import localize


def test_mount_paths_are_replaced_as_whole_parts_only():
    folders = {"/data": "/local/1", "/data/input": "/local/2"}
    text = '{"a": "/data/x", "b": "/data/input/kit.tgz", "c": "/database", "d": "/my/data"} /data'

    assert localize(text, folders) == (
        '{"a": "/local/1/x", "b": "/local/2/kit.tgz", "c": "/database", "d": "/my/data"} /local/1'
    )


def test_a_local_folder_that_contains_a_mount_path_is_not_replaced_again():
    folders = {"/a": "/a/pod/1", "/a/pod": "/else"}

    assert localize("/a/pod/x:/a/y", folders) == "/else/x:/a/pod/1/y"


def test_all_pods_of_a_job_see_one_port_of_a_pod():
    addresses = Addresses()
    master = {"MASTER_ADDR": "job-master-0", "MASTER_PORT": "23456", "OTHER": "job"}
    first = addresses.localized("default", "job", master)
    second = addresses.localized("default", "job", {**master, "RANK": "1"})

    assert first["MASTER_ADDR"] == "127.0.0.1"
    assert first["MASTER_PORT"] == second["MASTER_PORT"] != "23456"
    assert (first["OTHER"], second["RANK"]) == ("job", "1")


def test_addresses_within_a_text_become_local():
    addresses = Addresses()
    text = '{"worker":["job-worker-0.default.svc:2222","db.example.org:2222"]}'
    changed = addresses.localized("default", "job", {"TF_CONFIG": text})["TF_CONFIG"]

    port = addresses.port_of("default", "job-worker-0", 2222)
    assert changed == f'{{"worker":["127.0.0.1:{port}","db.example.org:2222"]}}'


def test_jobs_of_other_namespaces_have_other_ports():
    addresses = Addresses()

    assert addresses.port_of("a", "job-master-0", 1) != addresses.port_of("b", "job-master-0", 1)
