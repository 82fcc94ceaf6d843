"""The driver of a sweep: asks the tuner, records events, launches jobs and polls the platform."""
