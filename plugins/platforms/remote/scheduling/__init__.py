"""The decisions of the platform ``remote``, without connections, threads or a clock of their own.

`placement` and `placement_queue` choose machines for jobs, `machine_room` keeps account of what
jobs hold there, and `machine_state` says which machines can be used. `active_job` and `splitting`
describe a job and its parts on machines. `scheduler` assigns jobs to machines, `assignments`
remembers which, and `follower` turns the records of machines into events. `earlier_jobs` finds
the jobs of earlier drivers on machines, `checkpoints` records where checkpoints are, and `waits`
reports what jobs wait for.
"""
