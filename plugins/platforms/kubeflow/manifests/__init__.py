"""Manifests of jobs, and of what a sweep creates besides."""
