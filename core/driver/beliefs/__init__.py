"""What the tuner of a sweep believes: asked when a session ends, or of a tuner that is rebuilt."""
