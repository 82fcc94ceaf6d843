"""SSH connections to machines, through paramiko, which only these modules import.

`connection.connect` finds the route to a machine (`ssh_config`), opens a socket (`sockets`),
checks the host key (`host_keys`), and logs in (`authentication`, with the keys of `keys`). Every
failure is a `connect_error.ConnectError`, which says what to do.
"""
