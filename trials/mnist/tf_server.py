"""Serve in a TensorFlow cluster, as a worker or as a parameter server.

The process executes the operations that the chief sends, until the trial ends.
"""

from __future__ import annotations

import tensorflow as tf


def main() -> None:
    """Serve in the role that ``TF_CONFIG`` gives to this process."""
    cluster = tf.distribute.cluster_resolver.TFConfigClusterResolver()
    tf.distribute.Server(
        cluster.cluster_spec(),
        job_name=cluster.task_type,
        task_index=cluster.task_id,
        protocol="grpc",
    ).join()


if __name__ == "__main__":
    main()
