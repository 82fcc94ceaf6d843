import sweepwright.trial as nni

parameters = nni.get_next_parameter()
print(parameters)  # noqa: T201 - which is no use of them
nni.report_intermediate_result(0.5)
