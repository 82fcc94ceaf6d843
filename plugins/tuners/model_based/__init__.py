"""What tuners with a model share: trials as arrays, their axes, and the tuner around a model."""
