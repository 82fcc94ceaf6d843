"""Pods from the templates of jobs."""

import copy
from collections.abc import Mapping

from ...store.resources import JsonObject


def pod_from(
    template: JsonObject,
    owner: JsonObject,
    metadata: Mapping[str, object],
    labels: Mapping[str, str],
) -> JsonObject:
    """Return a pod of a template, with a controller and further labels."""
    pod = copy.deepcopy(template)
    own = pod.setdefault("metadata", {})
    own.pop("creationTimestamp", None)
    own["labels"] = {**(own.get("labels") or {}), **labels}
    own.update(metadata)
    own["ownerReferences"] = [controlled_by(owner)]
    return pod


def controlled_by(owner: JsonObject) -> JsonObject:
    """Return the reference to an object that controls another."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def add_variables(container: JsonObject, variables: Mapping[str, str]) -> None:
    """Append environment variables to those of a container."""
    held = container.get("env") or []
    container["env"] = [*held, *({"name": k, "value": v} for k, v in variables.items())]
