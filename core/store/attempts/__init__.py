"""The attempts of a trial: the journal's record of each, its files, and copies of the files."""
