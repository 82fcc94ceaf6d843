"""Docstrings of fields are read from the source; without a source there are none."""

from dataclasses import dataclass, make_dataclass

from sweepwright.core.compiler.editor_schema.options import attribute_docs, class_doc


@dataclass(frozen=True)
class Base:
    """Options of ``something``
    on two lines.

    And what nobody needs to know.
    """

    width: int = 1
    """How wide it is."""
    height: int = 1
    depth: int = 1
    """How deep: ``depth``
    counts."""


@dataclass(frozen=True)
class Derived(Base):
    height: int = 2
    """How high it is."""
    "Not about anything."
    loose: int = 3


def test_docstrings_are_found_under_their_fields() -> None:
    assert attribute_docs(Base) == {
        "width": "How wide it is.",
        "depth": "How deep: `depth` counts.",
    }


def test_a_field_inherits_its_docstring() -> None:
    assert attribute_docs(Derived) == {
        "width": "How wide it is.",
        "depth": "How deep: `depth` counts.",
        "height": "How high it is.",
    }


def test_classes_without_source_have_no_docstrings() -> None:
    made = make_dataclass("Made", [("x", int, 1)])

    assert attribute_docs(made) == {}
    assert class_doc(made) == ""


def test_a_class_is_described_by_its_first_paragraph() -> None:
    assert class_doc(Base) == "Options of `something` on two lines."
    assert class_doc(Derived) == ""
