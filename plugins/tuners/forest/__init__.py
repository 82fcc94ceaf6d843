"""The random forest of ``tuner=smac``, and the search for assignments that it rates highly."""
