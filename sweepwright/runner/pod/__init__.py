"""The agent of a pod: runs one part of a job in a container, and writes its events to the log."""
