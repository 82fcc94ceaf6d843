"""Reporters: what reports for a training loop that somebody else wrote.

Each module is for one library, which it imports; this one imports nothing.
"""
