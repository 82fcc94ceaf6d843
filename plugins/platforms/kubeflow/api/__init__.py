"""Access to the API server: requests that are retried, watches, and logs of pods."""
