"""Tree-structured Parzen estimators: the parts of ``tuner=tpe``."""
