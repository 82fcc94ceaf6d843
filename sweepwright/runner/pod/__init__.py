"""The agent of a pod: runs one part of a job in a container, and reports through the log.

Nothing connects to the container, and the container connects to nothing. The agent is the only
writer of the container's standard output, and the driver reads it as the container's log. ::

    python -c BOOTSTRAP      unpacks the kit, verifies it, and becomes
      init                   reaps orphans and passes signals on, as process 1 of a container must
        └─ agent             an engine with one job of one process, and the log
             ══ root         of a fork server; below it, a keeper and the trial

- `initial_process` is the first process; `surroundings` gives a container what a trial expects of
  a machine: a home, a user name, a folder for temporary files.
- `assignment` reads what the driver has written into ``$SWEEPWRIGHT_POD``, unpacks the code, and
  completes the submission.
- `agent` runs the engine. `output_tail` reads what the trial prints, and `log_writer` writes it,
  and the records of events, to the log.
- `checkpoint_url` copies checkpoints to an object store, and from it.
- `termination` writes the outcome to the file that Kubernetes keeps in the status of the pod.

**Records.** The log consists of lines. A line that begins with ``{"sweepwright_record":`` is a
record; all others are text that the trial has printed. A record is a JSON object:

======================  ==========================================================================
key                     value
======================  ==========================================================================
``sweepwright_record``  number of the event, counted from 1 without gaps
``run``                 random text of this run of the agent
``time``                seconds since 1970
``text``                number of bytes of text before this record, in the whole log
``event``               ``launched``, ``waiting``, ``output``, ``ended`` or ``refused``, with the
                        keys of `sweepwright.runner.job_events`, but without ``job``; or ``mark``,
                        which has the number of the latest event, and only tells the position
``cut``                 present if the line break before the record is no text, because the text
                        goes on after the record
``again``               present if the event was written before; the number of the first event
                        that is repeated together with this one
``part``, ``parts``,    instead of ``event``: the event in pieces of JSON, because a line has at
``json``                most 8 KiB; the pieces are counted from 0
======================  ==========================================================================

These statements hold whatever a trial prints:

- Text is passed on unchanged, byte for byte. If a line of it would look like a record, a backslash
  is put before it, also if there are backslashes already; a reader removes one.
- No line is longer than 8 KiB and a few bytes. A longer line of text is cut by a ``mark``.
- There is a record after at most 64 KiB of text, and one second after any text.
- Everything that was recorded is repeated after 4 MiB of log, and before the end, as far as it
  fits into 1 MiB. A log is rotated after 10 MiB or so, and then begins anew.
"""
