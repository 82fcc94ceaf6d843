import sweepwright.trial as nni

parameters = nni.get_next_parameter()
loss = 1.0
for _ in range(parameters["STEPS"]):
    loss *= parameters["learning_rate"] / parameters["layers"]
    nni.report_intermediate_result(loss)
nni.report_final_result(loss)
