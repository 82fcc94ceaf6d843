import sweepwright.trial as nni

parameters = nni.get_next_parameter({"layers": 2})
optimizer = parameters["optimizer"]
rate = optimizer["beta"] if optimizer["_name"] == "adam" else optimizer["nesterov"]
score = rate + optimizer["momentum"] + optimizer["learning_rate"] + parameters["layers"]
nni.report_intermediate_result(score / 2)
nni.report_final_result(score / 1)
