"""NNI's search spaces: the dialects of its versions, read as they are."""
