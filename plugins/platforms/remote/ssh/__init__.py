"""SSH connections to machines, by paramiko, which only these modules import.

`connection.connect` finds the way to a machine (`ssh_config`), opens a socket (`sockets`), checks
the host key (`host_keys`), and logs in (`authentication`, with the keys of `keys`). What fails is
a `connect_error.ConnectError`, which names the way out.
"""
