"""The processes of a job find each other."""

from sweepwright.contracts import Role
from sweepwright.rendezvous import address_of, port_of

MEMBERS = [("worker", 0), ("worker", 1)]


def test_processes_learn_each_others_addresses(harness) -> None:
    program = harness.file("""
        import os
        print(os.environ["PEERS"], os.environ["MINE"])
    """)
    told = tuple(
        {"PEERS": f"{address_of('worker', 0)} {address_of('worker', 1)}", "MINE": port_of(*member)}
        for member in MEMBERS
    )
    job = harness.launch((Role("worker", program, 2),), rendezvous={"worker": told})

    assert harness.end(job) is None
    first, second = (harness.printed(0, f"worker-{rank}")[0].split() for rank in (0, 1))
    assert first[:2] == second[:2] == [f"127.0.0.1:{first[2]}", f"127.0.0.1:{second[2]}"]
    assert first[2] != second[2]
