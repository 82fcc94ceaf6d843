"""The problems that tuners are judged on: landscapes whose best value is known.

Those of the groups `coco`, `functions` and `learning` were chosen before any tuner had been run
on one of them, each group by the rule that stands in its module. None is here to be tuned to.
"""
