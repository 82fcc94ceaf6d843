"""A sweep in TensorBoard. All other modules here import tensorboard, an optional dependency."""
