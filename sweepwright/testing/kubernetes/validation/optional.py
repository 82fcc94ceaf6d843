"""Libraries that the server needs but a user may lack, imported when they are first used."""

import importlib
from typing import Any


class MissingLibraryError(ImportError):
    """A library that the server needs is not installed."""


def jsonschema() -> Any:
    """Return the library that checks objects against schemas of definitions."""
    return _library("jsonschema", "jsonschema>=4.18", "to check objects of the given definitions")


def kubernetes_models() -> Any:
    """Return the models by which built-in kinds are checked."""
    return _library("kubernetes.client.models", "kubernetes>=29", "to check built-in kinds")


def yaml() -> Any:
    """Return the library that reads bodies in YAML."""
    return _library("yaml", "PyYAML", "to read a body in YAML")


def cryptography(module: str) -> Any:
    """Return a module of the library that makes certificates."""
    return _library(f"cryptography.{module}", "cryptography", "to serve over TLS")


def _library(module: str, requirement: str, purpose: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        message = f"the Kubernetes API server for tests needs `{requirement}` {purpose}"
        raise MissingLibraryError(f"{message}: pip install '{requirement}'") from error
