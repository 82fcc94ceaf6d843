"""A sweep as TensorBoard shows it; apart from this module, all of it needs that package."""
