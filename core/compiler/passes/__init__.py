"""The passes. Each pass takes one stage, reports its findings, and returns the next stage."""
