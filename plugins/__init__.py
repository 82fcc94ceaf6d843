"""The built-in plugins; each is offered through an entry point, as anybody's would be."""
