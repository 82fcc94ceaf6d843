"""What a platform needs whose jobs the runner runs, in this process or on another machine.

`submission` describes a job as the JSON that the runner takes, and `job_events` reads the events
that it returns.
"""
