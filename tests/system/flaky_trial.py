"""A trial that lasts a moment, and fails for one assignment in five however often it is tried."""

import time

import sweepwright.trial as nni

parameters = nni.get_next_parameter()
digits = int(parameters["learning_rate"] * 1e9)
nni.report_intermediate_result(digits % 100)
time.sleep(0.02 + 0.1 * (digits % 7) / 7)
if digits % 5 == 0:
    raise ValueError(f"digits {digits} are no good")
nni.report_final_result(digits % 1000)
