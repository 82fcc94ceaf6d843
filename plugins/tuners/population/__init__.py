"""Population-based training: the implementation of ``tuner=pbt``."""
