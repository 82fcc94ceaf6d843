"""Runs a sweep: asks the tuner, records events, launches jobs and polls them."""
