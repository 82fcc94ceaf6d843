"""The fork server: a fresh interpreter from which trials start in milliseconds.

It runs as ``python <this folder> root <socket> <settings>``. It uses the standard library of
Python 3.11 or newer and nothing of the application, so that any interpreter can serve. Decisions
0003, 0006 and 0012 (``docs/decisions``) give the reasons for its design. ::

    driver ══ root        exec'ed in its own session; imports libraries, forks keepers
                ├─ keeper     runs one job at a time
                │    ├─ leader    a process of the job, which leads its own session
                │    └─ leader
                └─ keeper

Messages are JSON over Unix sockets (`channel`): one socket between the driver and the root, and
one between the driver and each keeper, whose other end travels with ``keeper``.

=============  =================  ===============================================================
message        from, to           when; contents
=============  =================  ===============================================================
``keeper``     driver to root     another job may run at once; the keeper's number and its socket
``refused``    root to driver     once, instead of serving: the imports failed, or began to compute
``gone``       root to driver     a keeper died, and all that it left behind is killed; its number
``start``      driver to keeper   a job is to run; its request and the pipes of its reports
``started``    keeper to driver   its processes are forked; their process ids
``stop``       driver to keeper   the job is to end: SIGTERM now, SIGKILL after the grace
``ended``      keeper to driver   no process of the job is left; its first failure, and whether
                                  it was stopped
=============  =================  ===============================================================

Two kinds of pipes bypass these sockets: the processes of a job write their reports to the driver,
and the reasons of their own failures to the keeper (`exit_reasons`).

The server relies on four mechanisms of Linux, so that no process of a job survives it:

- Root and keepers are subreapers (``PR_SET_CHILD_SUBREAPER``): a process whose parent dies
  becomes a child of its nearest subreaper, whatever process group or session it moved to. So
  "every process of the job" is "every child, until there is none", and the children of a dead
  keeper become the root's.
- Each process dies with the one above it (``PR_SET_PDEATHSIG``), and the root watches the driver
  by a pidfd, which shows its death even while others hold the socket.
- Each process of a job leads a session and thus a process group, so that one signal reaches all
  that it started and did not move elsewhere.
- Trials have a higher ``oom_score_adj``, so that the kernel, when memory runs out, kills them and
  not the driver, which would lose the whole sweep.

Other systems have only process groups: there a job is the process groups of its leaders.
"""
