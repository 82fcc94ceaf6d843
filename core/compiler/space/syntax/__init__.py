"""The spellings of a space: each way to write it is lowered to the same calls of domains."""
