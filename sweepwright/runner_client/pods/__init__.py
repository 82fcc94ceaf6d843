"""The driver's side of agents in pods: what a container is given, and the log that it writes."""
