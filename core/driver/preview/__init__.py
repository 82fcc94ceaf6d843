"""What `plan` foretells of a sweep: its first trials, its first submission, and its cost."""
