"""Jobs of Kubernetes itself, for trials of one process."""

from sweepwright.events import Json

from .pod_template import JobContext, pod_template


def batch_job_spec(context: JobContext) -> Json:
    """Describe a Job of one pod, which is never replaced by another."""
    options = context.options
    [role] = context.job.roles
    spec: dict[str, Json] = {
        "parallelism": 1,
        "completions": 1,
        "backoffLimit": 0,
        "activeDeadlineSeconds": options.run_policy.active_deadline,
        "ttlSecondsAfterFinished": options.run_policy.ttl,
        "suspend": True if options.suspend or options.queue else None,
        "template": pod_template(context, role),
    }
    return {name: value for name, value in spec.items() if value is not None}
