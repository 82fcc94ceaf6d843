"""Built-in assessors."""
