import pytest

from sweepwright.testing.kubernetes import StatusError
from sweepwright.testing.kubernetes.store.resources import CONFIG_MAPS, PODS
from sweepwright.testing.kubernetes.store.selectors import field_selector, label_selector

LABELS = {"app": "sweepwright", "example.com/trial": "3", "empty": ""}


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        ("", True),
        ("app=sweepwright", True),
        ("app==sweepwright,example.com/trial=3", True),
        ("app = sweepwright , empty", True),
        ("app=other", False),
        ("app!=other", True),
        ("absent!=other", True),
        ("app!=sweepwright", False),
        ("app in (a, sweepwright)", True),
        ("app in (a,b)", False),
        ("app notin (a,b)", True),
        ("absent notin (a)", True),
        ("app", True),
        ("absent", False),
        ("!absent", True),
        ("!app", False),
        ("empty=", True),
        ("app=", False),
    ],
)
def test_labels_are_selected(selector: str, *, selected: bool) -> None:
    assert label_selector(selector)({"metadata": {"labels": LABELS}}) is selected


@pytest.mark.parametrize("selector", ["a=(b", "a in b", "a b", "=a", "a=b,", "!", "a in (b"])
def test_a_selector_that_cannot_be_parsed_is_refused(selector: str) -> None:
    with pytest.raises(StatusError, match="unable to parse requirement") as caught:
        label_selector(selector)
    assert caught.value.code == 400


def test_an_object_without_labels_has_none() -> None:
    assert label_selector("!a")({"metadata": {}})
    assert not label_selector("a")({"metadata": {"labels": None}})


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        ("metadata.name=a", True),
        ("metadata.name!=a", False),
        ("spec.nodeName=", True),
        ("status.phase=Pending,metadata.namespace==default", True),
        ("status.phase!=Pending", False),
    ],
)
def test_fields_are_selected(selector: str, *, selected: bool) -> None:
    found = {"metadata": {"name": "a", "namespace": "default"}, "status": {"phase": "Pending"}}
    assert field_selector(PODS, selector)(found) is selected


def test_a_kind_has_its_own_fields() -> None:
    with pytest.raises(StatusError, match=r"field label not supported: status\.phase"):
        field_selector(CONFIG_MAPS, "status.phase=Pending")
