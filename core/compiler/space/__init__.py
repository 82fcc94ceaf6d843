"""The search space: from what a user wrote to one `SearchSpace`."""
