"""The notations of a space: each is lowered to the same calls of domains, and checked there."""
