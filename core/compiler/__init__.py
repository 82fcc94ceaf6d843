"""The compiler: from a Hydra configuration to a checked, frozen plan."""
