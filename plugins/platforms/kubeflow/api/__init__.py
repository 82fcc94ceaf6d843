"""Access to the API server of a cluster, through the official client.

`cluster` sends requests, `reflector` follows objects, `log_follower` follows logs, and `calls`
makes blocking calls in threads; all tell what happens by the `notices`. `login` finds the cluster.
The package `kubernetes` is imported when a cluster is opened, not before.
"""
