"""The driver's side of agents in pods: what a container is given, and the log that it writes.

A platform puts the kit and the code where containers find them, and starts each container with
``[python, "-c", BOOTSTRAP]`` and two environment variables::

    submission = Renderer.for_other_machines(threads).render(job)
    inputs = PodInputs(kit="/input/kit.tgz", kit_hash=build_kit().hash, code=…, scratch="/scratch")
    environment = {POD: pod_environment(job, role, submission, inputs, sweep)}
    # and SWEEPWRIGHT_RANK: the rank of the container within its role, set by the cluster

Then it follows the log of the container that reports, with a `LogReader`, and reads the outcome
from the termination message (`read_outcome`). `sweepwright/runner/pod/__init__.py` describes the
agent and its records.

=============== ===========================================================================
`environment`   the variable that tells an agent what to do; `gzipped` packs an archive
`bootstrap`     the program that starts the agent; `starter` is its source
`log_lines`     the lines of a log: records, and text that looks like one
`log_reader`    events and text of a log, each exactly once, whatever was missed or repeated
`outcome`       the outcome in a termination message
=============== ===========================================================================
"""
