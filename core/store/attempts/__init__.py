"""The attempts of a trial: what the journal says about each, its files, and copies of them."""
