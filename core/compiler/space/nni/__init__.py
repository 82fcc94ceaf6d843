"""Read NNI's search spaces, in the dialects ``v0`` (up to NNI 0.7) and ``v1`` (since NNI 1.0)."""
