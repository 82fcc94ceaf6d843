"""Reporters: report metrics from training loops that a library provides.

Each module is for one library and imports it; this one imports nothing.
"""
