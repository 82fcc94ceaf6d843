"""The passes: a stage in, the next stage out, every finding reported."""
