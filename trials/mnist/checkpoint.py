"""What can be wrong with a checkpoint, whatever library wrote it."""


class CheckpointError(Exception):
    """A checkpoint is damaged, or of another network; the message is one clear line."""
