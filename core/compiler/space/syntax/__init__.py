"""Parse the notations of a space: each notation is converted to the same calls of domains."""
