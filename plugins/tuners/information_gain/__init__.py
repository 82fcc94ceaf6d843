"""The model of ``tuner=metis``: how much a further measurement tells about the best assignment."""
