"""A double of an OpenPAI cluster, so that jobs can be tested without one.

`cluster.OpenPai` runs the task containers of jobs as processes of this machine, and
`http_server.served` serves the REST API, version 2, over HTTP::

    with served(OpenPai(tmp_path, users={"alice": "secret"})) as cluster:
        requests.get(f"{cluster.url}/rest-server/api/v2/jobs", headers=...)

It rejects what OpenPAI's own validator rejects, counts requests as its rate limits do, on a clock
that tests can move, keeps the names of all jobs, and serves logs as its log manager does, with
their oddities. `faults.Faults` makes it fail in the ways in which clusters fail.
"""
