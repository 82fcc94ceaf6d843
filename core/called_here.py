"""What other systems' keys are called here."""

from collections.abc import Mapping

ELSEWHERE: Mapping[str, str] = {
    **dict.fromkeys(("maxTrialNum", "maxTrialNumber", "n_trials", "num_samples"), "max_trials"),
    **dict.fromkeys(("maxExecDuration", "maxExperimentDuration", "timeout"), "max_duration"),
    **dict.fromkeys(("trialConcurrency", "max_concurrent_trials", "n_jobs"), "concurrency"),
    **dict.fromkeys(("searchSpaceFile", "searchSpacePath"), "space.nni.file"),
    **dict.fromkeys(("trainingService", "trainingServicePlatform"), "platform"),
    **dict.fromkeys(("codeDir", "trialCodeDirectory"), "trial.folder"),
    **dict.fromkeys(("command", "trialCommand"), "trial.entries"),
    **dict.fromkeys(("experimentWorkingDirectory", "logDir"), "store.path"),
    **dict.fromkeys(("direction", "mode", "optimize_mode"), "objective.direction"),
    "advisor": "tuner",
    "gpuNum": "trial.roles.main.resources.gpu",
    "maxTrialDuration": "trial_timeout",
    "metric": "objective.metric",
    "searchSpace": "space.nni.space",
    "trialGpuNumber": "trial.roles.main.resources.gpu",
}
"""What NNI, Optuna and Ray Tune call things, and what they are called here."""


def called_here(key: str) -> str | None:
    """Tell what a key of another system is called here."""
    return f"here it is `{ELSEWHERE[key]}`" if key in ELSEWHERE else None
