"""The runner: runs on the machine of the trials, and starts, watches and ends their processes.

It imports only the standard library, itself and `sweepwright.trial`, and needs Python 3.8 or
newer, so that it can be sent to any machine. The platform ``local`` runs an engine in the driver's
process. On another machine, the engine runs in a daemon of its own. ::

    driver, or daemon
        engine ══ root        of a fork server: imports libraries, and forks keepers
           │        └─ keeper     runs one job at a time
           │             └─ trial     a process of the job
           └─ named pipe ◀── reports of all processes of a job

An `engine.Engine` is given submissions: JSON that describes the processes of a job with their
files and variables. It returns events: JSON that says what became of the job (`job_events`).

- `launch_queue` holds the jobs that wait for resources of other jobs (`slots`, `capacity`), or
  for what the machine refuses.
- `servers` keeps one fork server for each interpreter and set of imports. `fork_server_client`
  talks to one of them; `fork_server` is the code on the other side, which lists the messages.
- `start_request` completes a submission when its job starts, with GPUs and with the addresses of
  the job's processes (`rendezvous`).
- `active_job` is the record of a job between its launch and its end. Meanwhile `report_fifo` reads
  its reports, and `output_limit` shortens its output.
- `service` makes an engine the runner of another machine, and `pod` that of one container.
- `failures` explains why a job failed, and `leftovers` ends processes that a dead server left.

A job whose processes run on several machines has a part on each of them, with an engine of its
own. Each engine reserves the ports of its processes (`Engine.reserve`) before the addresses are
filled in, in submissions with the key ``ports``. In a submission with ``"part": true`` no process
decides over the job, so it runs until it is finished (`Engine.finish`), cancelled, or has ended.
"""
