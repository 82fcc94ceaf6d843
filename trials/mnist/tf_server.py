"""Serve a TensorFlow cluster: as a worker compute, or as a parameter server hold variables.

Such a process does what the chief sends it, until the trial ends.
"""

import tensorflow as tf


def main() -> None:
    """Serve in the place that ``TF_CONFIG`` gives to this process."""
    cluster = tf.distribute.cluster_resolver.TFConfigClusterResolver()
    tf.distribute.Server(
        cluster.cluster_spec(),
        job_name=cluster.task_type,
        task_index=cluster.task_id,
        protocol="grpc",
    ).join()


if __name__ == "__main__":
    main()
