"""Population-based training: the parts of ``tuner=pbt``."""
