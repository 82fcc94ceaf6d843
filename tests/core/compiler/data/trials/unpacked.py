import argparse
from dataclasses import dataclass

import sweepwright.trial as nni


@dataclass
class Settings:
    learning_rate: float
    warm_up: int
    layers: int = 2


def build(learning_rate, layers, dropout):
    return learning_rate * layers * dropout


parameters = nni.get_next_parameter()
names = argparse.Namespace(**parameters)
score = build(**parameters) + Settings(**parameters).layers + names.weight_decay
nni.report_final_result(score + 0.5)
