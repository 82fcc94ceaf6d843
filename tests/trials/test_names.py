"""Trial files can be run by hand, where their own folder comes first on the path."""

from importlib.util import find_spec
from pathlib import Path

TRIALS = Path(__file__).parents[2] / "trials"


def test_no_trial_file_hides_a_library() -> None:
    names = [path.stem for path in TRIALS.rglob("*.py") if path.stem != "__init__"]

    assert {"noop", "data", "sklearn_mlp"} <= set(names)
    assert [name for name in names if find_spec(name)] == []
    assert not {"keras", "tensorflow", "torch"} & set(names)
