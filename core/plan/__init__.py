"""The compiled plan of a sweep, and what compiler, driver and store share about it."""
