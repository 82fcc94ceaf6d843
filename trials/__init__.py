"""Example trials. Their code runs inside a trial, and imports only the trial API and reporters."""
