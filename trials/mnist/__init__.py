"""A classifier of handwritten digits, an entry for each framework."""
