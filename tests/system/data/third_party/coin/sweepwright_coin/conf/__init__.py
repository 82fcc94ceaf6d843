"""Configuration that comes with the plugin."""
