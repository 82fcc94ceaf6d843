"""The driver's side of the runner, for platforms whose jobs the runner runs, here or elsewhere.

Before a sweep, a platform that sends code lists what it would send, and checks it::

    def check(options, code):                  # PlatformProvider.check
        yield from shipping_findings(scan(Path(code.folder)), code)

    def shipment(options, code):               # PlatformProvider.shipment, for `plan`
        return scan(Path(code.folder)).shipment(options.machines)

Then it needs a connection to a login shell on each machine: a `ByteStream`. For any program that
connects its standard input and output, such as ``docker exec -i``, this is a `ProcessStream`.
Everything else is the same for all of them::

    stream = ProcessStream(["docker", "exec", "-i", name, "sh", "-c", bootstrap.COMMAND])
    session = RunnerSession(stream)
    session.open("python3", activation="", folder="~/.sweepwright", kit=build_kit().data)
    if not session.has_code(archive.hash):
        session.put_code(archive.hash, file, archive.size)
    attached = session.attach(sweep, archive.hash, settings)
    session.send({"launch": job.name, "submission": submission})
    messages = session.read_messages(1.0)

`sweepwright/runner/service/__init__.py` lists the messages. When the connection is lost, open
another one, attach again, and adopt the jobs with the offsets of the last records that you read.

=================== ==========================================================================
`code_listing`      `scan` lists what is sent of a folder, and what is not and why
`ignore_rules`      which files are left out: ``.gitignore``, ``.sweepignore``, caches and so on
`secret_files`      which files hold secrets
`shipping_checks`   findings: entries that are not sent, files that are too large or unreadable
`code_archive`      `pack` makes a tar file that has the same hash on every machine
`kit`               `build_kit` packs the part of sweepwright that runs on other machines
`bootstrap`         the shell command that starts a session
`runner_session`    requests, and the stream of messages to and from a daemon
`process_stream`    a connection that is a child process
`submission`        describes a job as JSON
`job_events`        converts the runner's events to events of the contract
=================== ==========================================================================
"""
