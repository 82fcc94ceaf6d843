from sweepwright.trial import get_next_parameter, report_final_result


def train(parameters):
    rate = parameters["learning_rat"]
    return rate ** parameters.get("layres", 2)


if __name__ == "__main__":
    report_final_result(float(train(get_next_parameter())))
