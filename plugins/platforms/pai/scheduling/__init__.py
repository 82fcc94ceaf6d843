"""Decisions of ``platform=pai`` in the driver's thread: when to ask what, and what it means."""
