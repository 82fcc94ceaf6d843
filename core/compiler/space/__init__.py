"""The search space: three passes from the section ``space`` to one `SearchSpace`.

`draft` parses every notation into drafts, `relate` resolves the expressions between parameters,
and `proofs` reports conditions and constraints that cannot be meant.
"""
