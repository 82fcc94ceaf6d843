"""Controllers that turn jobs into pods, with the statuses of the real ones."""
