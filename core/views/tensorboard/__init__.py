"""A sweep in TensorBoard. Every other module here imports that package, which is optional."""
