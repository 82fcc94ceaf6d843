"""What a process does right before a trial's own code, one module for each library.

Such a module is imported ahead of trials with its library; what it offers is called in each
process. A trial that is run by hand has none of it.
"""
