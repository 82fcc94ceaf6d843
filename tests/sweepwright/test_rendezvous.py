"""Placeholders for addresses, and what takes their place."""

import pytest

from sweepwright.rendezvous import address_of, fill_in, host_of, listeners, port_of

HOSTS = {("ps", 0): "10.0.0.1", ("worker", 11): "10.0.0.2"}
PORTS = {("ps", 0): 4000, ("worker", 11): 4001}


def test_placeholders_are_replaced_anywhere_in_a_variable() -> None:
    variables = {"A": f"tcp://{address_of('ps', 0)}/", "B": host_of("worker", 11), "C": "<host>"}

    assert fill_in(variables, HOSTS, PORTS) == {
        "A": "tcp://10.0.0.1:4000/",
        "B": "10.0.0.2",
        "C": "<host>",
    }


def test_listeners_are_the_processes_whose_port_is_named() -> None:
    first = {"A": f"{port_of('ps', 0)} {host_of('worker', 2)}", "B": address_of("worker", 11)}

    assert listeners([first, first, {}]) == [("ps", 0), ("worker", 11)]


def test_an_unknown_process_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        fill_in({"A": host_of("nobody", 0)}, HOSTS, PORTS)
