"""The command line: parses arguments, runs a command, and turns errors into messages."""
