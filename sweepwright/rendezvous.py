"""Rendezvous: placeholders for addresses, by which the processes of a job find one another.

`sweepwright.runner.rendezvous` documents them. It lies there because placeholders are filled in on
the machine that runs the job.
"""

from .runner.rendezvous import Member, address_of, fill_in, host_of, listeners, port_of

__all__ = ["Member", "address_of", "fill_in", "host_of", "listeners", "port_of"]
