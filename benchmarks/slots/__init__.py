"""The time of slots that a sweep of real trials loses to asking: trial, timed driver, figures."""
