import sweepwright

sweepwright.report_intermediate_result(0.25)
sweepwright.report_final_result(0.5)
raise ValueError("after the result")
