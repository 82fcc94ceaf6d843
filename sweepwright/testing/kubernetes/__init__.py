"""A Kubernetes API server for tests, with a cluster whose pods are local processes."""
