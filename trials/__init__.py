"""Code that runs inside a trial; it imports the trial API and reporters alone."""
