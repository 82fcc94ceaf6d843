"""What a fork server is asked to start: a submission, and what only its moment decides."""

from collections.abc import Mapping
from itertools import zip_longest

from sweepwright.events import Json
from sweepwright.rendezvous import fill_in, listeners

from .ports import HOST, Ports
from .slots import Grant


def reserve_ports(submission: Json) -> Ports:
    """Reserve a port for each process that others are to find."""
    return Ports(listeners(process["wiring"] for process in submission["processes"]))


def complete(submission: Json, name: str, grant: Grant, ports: Ports) -> Json:
    """Name the job, show each process the GPUs it was granted, and tell it where others are."""
    processes = submission["processes"]
    hosts = {(process["role"], process["rank"]): HOST for process in processes}
    return {
        **submission,
        "name": name,
        "processes": [
            {
                **process,
                "environment": {
                    **fill_in(process["wiring"], hosts, ports.numbers),
                    **process["environment"],
                    **_visible_gpus(process["resources"], share or {}),
                },
            }
            for process, share in zip_longest(processes, grant.shares)
        ],
    }


def _visible_gpus(needs: Mapping[str, float], share: Mapping[str, float]) -> dict[str, str]:
    """Show a process that speaks of GPUs those it was granted; none, where it wants none."""
    return {"CUDA_VISIBLE_DEVICES": ",".join(share) or "-1"} if "gpu" in needs else {}
