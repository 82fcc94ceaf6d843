"""Build the search space: three passes turn the section ``space`` into a `SearchSpace`.

`draft` parses every notation into drafts. `relate` resolves the expressions that relate parameters
to each other. `proofs` reports conditions and constraints that are always or never true.
"""
