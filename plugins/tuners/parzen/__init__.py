"""Tree-structured Parzen estimators: the models of ``tuner=tpe`` and ``tuner=bohb``."""
