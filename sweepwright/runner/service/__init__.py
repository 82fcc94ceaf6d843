"""The service: makes an engine a runner on another machine.

The driver opens all connections. For each connection, the shell command of
`sweepwright.runner_client.bootstrap` starts a *session*, which answers requests. One of them,
``attach``, hands the connection to the *daemon* of a sweep, which outlives the connection. ::

    driver ══ session      one for each connection; answers requests
       ║        │ passes its descriptors 0 and 1 over a Unix socket, and waits
       ╚═══════ daemon     one for each sweep; an engine, its log, and the driver attached last
                   └─ fork servers, keepers, trials

**Requests** (`session`) are lines of JSON, ``{"do": …}``; if there is a ``size``, as many bytes
follow. Replies come in the same order: ``{"ok": true, …}``, or ``{"error": …, "kind": …}`` with
one line and one of the kinds of `refusal`.

=============  ==================================  ==============================================
request        contents                            reply
=============  ==================================  ==============================================
``probe``      ``packages``: top-level modules     ``facts`` (`machine_facts`)
``has_code``   ``hash``                            ``has``
``put_code``   ``hash``, ``size``, an archive      nothing more
``attach``     ``sweep``, ``code``, ``settings``   the stream below, or an error
``list_files`` ``sweep``, ``attempts``: pairs      ``files``: ``trial``, ``attempt``, ``path``
               of trial and attempt                in the attempt's folder, ``size``
``read_file``  ``sweep``, ``path`` in the sweep's  ``size``, ``length`` of the file, bytes; none
               folder, ``offset``, ``limit``       at the end of the file
``pack``       ``sweep``, ``folder`` in its        a tar in pieces: replies with ``size`` and
               folder                              bytes, of which the last is empty
``unpack``     ``sweep``, ``folder``, ``sha256``,  ``existed``: the folder was there already, and
               ``size``, a tar                     was left as it is
``cleanup``    ``sweep``, ``codes``: hashes that   ``done``: a line for each thing that was ended
               no other sweep has sent             or removed
=============  ==================================  ==============================================

``sweep`` names the sweep's folder on the machine, so it must differ from that of any other sweep,
and of any other machine that shares the disk. ``settings`` of ``attach`` are ``slots`` or
``concurrency`` (interpreters to keep ready), ``orphan_seconds``, and if not null ``python``,
``cpus``, ``gpus`` (a number or ids) and ``max_output`` (bytes). If they or the kit differ from
those of a daemon that runs no job, another daemon takes its place.

**Once attached**, both ends send lines of JSON. The driver sends nothing before ``attached`` has
arrived.

=============  ==================  ==============================================================
message        from, to            contents
=============  ==================  ==============================================================
``attached``   daemon to driver    ``log``: id; ``known``: offset after the latest record of each
                                   job; ``pid``; ``capacity``
``at``         daemon to driver    a record of the log, with the offset after it: ``event``,
                                   ``job`` and more (below)
``unknown``    daemon to driver    the name of a job that the daemon has not accepted
``reserved``   daemon to driver    the name of a job; ``ports``: role, rank, port; or ``error``
``trouble``    daemon to driver    why the log cannot be written at present, in one line
``notice``     daemon to driver    a line that concerns no job: a message is invalid, or new
                                   settings have no effect yet
``replaced``   daemon to driver    another driver has attached, and this connection ends
``pong``       daemon to driver    the number of a ``ping``
``launch``     driver to daemon    a name; ``submission``: a portable submission (`submissions`)
``adopt``      driver to daemon    for each name, the offset after which records are wanted
``cancel``     driver to daemon    the name of a job that shall end
``finish``     driver to daemon    the name of a job whose reporting processes have succeeded on
                                   another machine: it shall end, and counts as succeeded
``reserve``    driver to daemon    a name; ``members``: role and rank of each process that others
                                   must find; the ports are held until the job ends or is
                                   cancelled
``ping``       driver to daemon    a number
``end``        driver to daemon    all jobs shall end, and then the daemon
=============  ==================  ==============================================================

Records are ``accepted`` (the name is in the log, and starts no second job), and the events of the
engine: ``launched`` (``handle``), ``waiting`` (``wants``, ``refusal``), ``output`` (``line``),
``ended`` (``failure``) and ``refused`` (``reason``; the name may be launched again). A driver gets
those of the jobs that it has launched or adopted, and a launch of a known name adopts it from the
start. An offset is valid for one id of the log; with another id, adopt from offset 0.

These statements hold whatever is killed:

- A record is written before it is sent, and a job is in the log before the engine is told of it.
  If the log cannot be written, records and launches wait, and are tried again each second.
- The daemon of a sweep holds the lock ``runner.lock``, so there is only one. If it is killed, its
  fork servers end all processes of its jobs. The next daemon kills any other process that has
  the sweep's mark, and records jobs without an end as ``lost``.
- The driver that attached last is served; the connection of an earlier one is closed.
- A daemon that hears from no driver for ``orphan_seconds`` ends its jobs as ``lost``, and itself.
  A connection that is open but silent does not count as a driver. Without a job and without a
  connection, the daemon ends after a minute. SIGTERM ends it at once, with its jobs.
"""
