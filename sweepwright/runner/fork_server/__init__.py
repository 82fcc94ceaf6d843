"""The fork server: a fresh interpreter from which trials start in milliseconds.

It runs as ``python <this folder> root <socket> <settings>``. It imports only the standard library
of Python 3.8 or newer, and no module of the application, so that any such interpreter can run it.
Decisions 0003, 0006 and 0012 (``docs/decisions``) give the reasons for its design. ::

    driver ══ root        exec'ed in its own session; imports libraries, forks keepers
                ├─ keeper     runs one job at a time
                │    ├─ leader    a process of the job, which leads its own process group
                │    └─ leader
                └─ keeper

Messages are JSON over Unix sockets (`channel`). One socket connects the driver and the root, and
one socket connects the driver and each keeper. The driver sends the keeper's end of that socket to
the root with the message ``keeper``.

=============  =================  ===============================================================
message        from, to           when; contents
=============  =================  ===============================================================
``keeper``     driver to root     one more keeper is needed; its number and its socket
``refused``    root to driver     the root cannot serve, because the imports failed or began to
                                  compute, or it cannot fork a keeper, whose number it gives; the
                                  reason (`refusals`)
``kill``       driver to root     a keeper does not answer and shall be killed; its number
``gone``       root to driver     a keeper has died, and its descendants are killed; its number
``start``      driver to keeper   the keeper shall run a job; the request
``started``    keeper to driver   the processes of the job are forked; their process ids
``stop``       driver to keeper   the job shall end: SIGTERM now, SIGKILL after the grace period
``finish``     driver to keeper   as ``stop``, but the job has succeeded
``refused``    keeper to driver   the keeper lacks what it needs itself; the reason
``waiting``    keeper to driver   the machine refuses what the job's checkpoint needs, and the
                                  keeper tries again; the reason
``ended``      keeper to driver   no process of the job is left; the job's first failure, and
                                  whether the job was stopped
=============  =================  ===============================================================

Two things bypass these sockets: through a named pipe, the processes of a job send reports to the
driver (`report_fifo`); in memory shared with the keeper, each tells why it fails
(`exit_reasons`).

Four mechanisms of Linux ensure that no process of a job outlives the server:

- Root and keepers are subreapers (``PR_SET_CHILD_SUBREAPER``): if the parent of a process dies,
  the process becomes a child of its nearest subreaper, even if it has left its process group or
  session. So a keeper kills a whole job by killing its own children until it has no children. If a
  keeper dies, its children become children of the root.
- Each process is killed when its parent in the diagram dies (``PR_SET_PDEATHSIG``). The root
  watches the driver by a pidfd, which shows the driver's death even while other processes hold its
  socket.
- Each process of a job leads a process group. One signal to the group reaches all descendants of
  the process that have not left the group.
- Trials have a higher ``oom_score_adj``. So if memory runs out, the kernel kills a trial and not
  the driver, whose death would end the whole sweep.

Other systems have only process groups. There, ending a job means ending the process groups of its
leaders.
"""
