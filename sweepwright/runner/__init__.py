"""The runner: what runs on the machine of the trials, and starts and ends their processes.

It imports only the standard library, itself and `sweepwright.trial`, in Python 3.8 syntax, so that
it can be sent to any machine.
"""
