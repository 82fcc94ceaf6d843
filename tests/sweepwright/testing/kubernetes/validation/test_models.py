"""Models of clients before 37, whose setters know what is required."""

from typing import Any

from sweepwright.testing.kubernetes.store.resources import Resource
from sweepwright.testing.kubernetes.validation.models import Models


class V1Part:
    openapi_types = {"name": "str"}  # noqa: RUF012 - as the client has it
    attribute_map = {"name": "name"}  # noqa: RUF012

    @property
    def name(self) -> str | None:
        return None

    @name.setter
    def name(self, name: str | None) -> None:
        if self.local_vars_configuration.client_side_validation and name is None:  # type: ignore[attr-defined]
            raise ValueError("Invalid value for `name`, must not be `None`")


class V1Thing:
    openapi_types = {  # noqa: RUF012
        "a_list": "list[V1Part]",
        "a_map": "dict(str, str)",
        "api_version": "str",
        "kind": "str",
        "metadata": "object",
    }
    attribute_map = {  # noqa: RUF012
        "a_list": "aList",
        "a_map": "aMap",
        "api_version": "apiVersion",
        "kind": "kind",
        "metadata": "metadata",
    }


class Library:
    V1Part, V1Thing = V1Part, V1Thing


def old_models() -> Models:
    models = Models.__new__(Models)
    library: Any = Library
    models._library = library
    return models


THING = Resource("", "v1", "things", "Thing")


def test_types_are_read_in_the_old_spelling() -> None:
    value = {"aList": [{"name": "a", "x": 1}], "aMap": {"k": "v"}, "y": 1}
    pruned, unknown = old_models().prune(THING, value)
    assert pruned == {"aList": [{"name": "a"}], "aMap": {"k": "v"}}
    assert unknown == ["aList[0].x", "y"]


def test_setters_tell_what_is_required() -> None:
    causes = old_models().causes(THING, {"aList": [{"name": "a"}, {}]})
    assert [cause.field for cause in causes] == ["aList[1].name"]
