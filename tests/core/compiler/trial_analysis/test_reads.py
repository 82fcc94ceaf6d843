"""The analysis finds the keys that a trial reads, and those that every run requires."""

import pytest

from tests.core.compiler.trial_analysis.scripts import facts, keys_read, required_keys

P = "p = nni.get_next_parameter()\n"


@pytest.mark.parametrize(
    "text",
    [
        P + "print(p['lr'] * 2)",
        "print(nni.get_next_parameter()['lr'])",
        P + "q = p\nlr = q['lr']",
        P + "KEY = 'lr'\np[KEY]",
        P + "p.pop('lr')",
        P + "q = dict(p)\nq['lr']",
        P + "q = p.copy()\nq['lr']",
        P + "import copy\nq = copy.deepcopy(p)\nq['lr']",
        P + "q = {**p, 'seed': 1}\nq['lr']",
        P + "q = p | {'seed': 1}\nq['lr']",
        P + "q = {}\nq.update(p)\nq['lr']",
        P + "q = {}\nq |= p\nq['lr']",
        P + "q = dict(seed=1, **p)\nq['lr']",
        P + "a, b = p['lr'], 1",
        P + "def main(p):\n    return p['lr']\nmain(p)",
        P + "def main(*, given):\n    return given['lr']\nmain(given=p)",
        P + "def inner(p):\n    return p['lr']\ndef main(p):\n    return inner(p)\nmain(p)",
        P + "def main():\n    return p['lr']\nmain()",
        P + "def main(lr):\n    return lr\nmain(**p)",
        P + "def main(*, lr, seed=1):\n    return lr\nmain(seed=2, **p)",
        P + "def main(seed, lr):\n    return lr\nmain(1, **p)",
        "def get():\n    return nni.get_next_parameter()\nget()['lr']",
        P + "import argparse\nn = argparse.Namespace(**p)\nn.lr",
        P + "from types import SimpleNamespace as N\nn = N(**p)\nvars(n)['lr']",
        P + "from types import SimpleNamespace as N\nn = N(**p)\nn.__dict__['lr']",
        P + "from types import SimpleNamespace as N\nn = N(**p)\ngetattr(n, 'lr')",
        P + "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass C:\n    lr: float\n"
        "    seed: int = 1\nC(**p)",
        P + "from typing import NamedTuple\nclass C(NamedTuple):\n    lr: float\nC(**p)",
        P + "class Net:\n    def __init__(self, p):\n        self.lr = p['lr']\nNet(p)",
        P + "class Net:\n    rate = p['lr']",
        P + "if __name__ == '__main__':\n    p['lr']",
        P + "try:\n    p['lr']\nexcept Exception as error:\n    print(error)\n    raise",
        P + "try:\n    p['lr']\nexcept ImportError:\n    pass",
        P + "import sys\ntry:\n    p['lr']\nexcept Exception:\n    sys.exit(1)",
        P + "try:\n    pass\nfinally:\n    p['lr']",
        P + "with open('x') as f:\n    p['lr']",
        P + "print(f'rate {p[\"lr\"]}')",
        P + "print([x for x in range(p['lr'])])",
        P + "if p['lr'] > 1:\n    pass",
        P + "while p['lr'] > 1:\n    pass",
        P + "p['lr'] += 1",
        P + "(q := p)['lr']",
        P + "q: dict = p\nq['lr']",
        P + "p['lr'] and 1",
        P + "global q\nq = 1\np['lr']",
    ],
)
def test_a_key_that_every_run_reads_is_required(text: str) -> None:
    assert required_keys(text) == ["lr"]


@pytest.mark.parametrize(
    "text",
    [
        P + "p.get('lr')",
        P + "p.get('lr', 0.1)",
        P + "p.pop('lr', 0.1)",
        P + "p.setdefault('lr', 0.1)\np['lr']",
        P + "'lr' in p",
        P + "if 'lr' in p:\n    p['lr']",
        P + "if True:\n    p['lr']",
        P + "if False:\n    pass\nelse:\n    p['lr']",
        P + "for _ in range(3):\n    p['lr']",
        P + "while True:\n    p['lr']\n    break",
        P + "try:\n    p['lr']\nexcept KeyError:\n    pass",
        P + "try:\n    p['lr']\nexcept:\n    pass",
        P + "try:\n    pass\nexcept ValueError:\n    p['lr']",
        P + "from contextlib import suppress\nwith suppress(KeyError):\n    p['lr']",
        P + "x = p['lr'] if __debug__ else 1",
        P + "x = __debug__ and p['lr']",
        P + "f = lambda: p['lr']",
        P + "def unused():\n    p['lr']",
        P + "class Net:\n    def build(self):\n        return p['lr']",
        P + "def gen(p):\n    yield p['lr']\ngen(p)",
        P + "async def main(p):\n    return p['lr']\nmain(p)",
        P + "x = [p['lr'] for _ in range(0)]",
        P + "def main(p):\n    if __debug__:\n        return\n    p['lr']\nmain(p)",
        P + "def main(p):\n    return\n    p['lr']\nmain(p)",
        P + "del p['lr']",
        P + "match 1:\n    case 2:\n        p['lr']",
        P + "p['lr'] = 3\np['lr']",
        P + "def main(p):\n    p['lr']\ntry:\n    main(p)\nexcept Exception:\n    pass",
        P + "def main(lr=1):\n    return lr\nmain(**p)",
        P + "import argparse\nn = argparse.Namespace(**p)\nhasattr(n, 'lr')",
        P + "import argparse\nn = argparse.Namespace(**p)\ngetattr(n, 'lr', 1)",
        P + "import argparse\nn = argparse.Namespace(lr=1, **p)\nn.lr",
        P + "import argparse\nn = argparse.Namespace(**p)\nn.lr = 2\nn.lr",
        P + "if __debug__:\n    p = {'lr': 1}\np['lr']",
        P + "q = {'lr': 1} if __debug__ else p\nq['lr']",
        P + "def one(p):\n    p['lr']\ndef two(p):\n    pass\n(one if __debug__ else two)(p)",
        "nni.get_next_parameter({'lr': 1})['lr']",
        "nni.get_next_parameter(defaults={'lr': 1})['lr']",
        "import defaults\nnni.get_next_parameter(defaults.ALL)['lr']",
        "D = {'lr': 1}\ndef main():\n    p = nni.get_next_parameter(D)\n    p['lr']\nmain()",
        "p = {'lr': 1, **nni.get_next_parameter()}\np['lr']",
        "p = {'lr': 1} | nni.get_next_parameter()\np['lr']",
        "p = {'lr': 1}\np.update(nni.get_next_parameter())\np['lr']",
        "p = {}\np[input()] = 1\np.update(nni.get_next_parameter())\np['lr']",
        "p = {input(): 1, **nni.get_next_parameter()}\np['lr']",
        P + "p.update(lr=1)\np['lr']",
        "nni.get_current_parameter('lr')",
        "nni.get_current_parameter()['lr']",
        "import json, os\njson.loads(os.environ['SWEEPWRIGHT_TRIAL'])['assignment']['lr']",
        "import json, os\njson.loads(os.environ.get('SWEEPWRIGHT_TRIAL'))['assignment']['lr']",
        "def main():\n    global p\n    p = nni.get_next_parameter()\nmain()\np['lr']",
        P + "def f(q):\n  def g():\n    nonlocal q\n    q = p\n  g()\n  q['lr']\nf(1)",
    ],
)
def test_a_key_that_some_run_may_do_without_is_not_required(text: str) -> None:
    assert required_keys(text) == []
    assert keys_read(text) == ["lr"]


@pytest.mark.parametrize(
    "way",
    [
        "import sweepwright.trial\np = sweepwright.trial.get_next_parameter()",
        "from sweepwright.trial import get_next_parameter as get\np = get()",
        "from sweepwright import trial\np = trial.get_next_parameter()",
        "from sweepwright.trial import *\np = get_next_parameter()",
        "import nni as api\np = api.get_next_parameter()",
        "import sweepwright as nni\np = nni.get_next_parameter()",
        "from nni.trial import get_next_parameter\np = get_next_parameter()",
        "get = nni.get_next_parameter\np = get()",
        "def main(api):\n    return api.get_next_parameter()\np = main(nni)",
    ],
)
def test_the_api_is_recognised_under_every_imported_name(way: str) -> None:
    assert required_keys(f"{way}\np['lr']") == ["lr"]


def test_nested_reads_have_the_full_path() -> None:
    text = P + "o = p['optimizer']\nif o['_name'] == 'sgd':\n    o.get('momentum')\n"

    assert keys_read(text) == ["optimizer", "optimizer._name", "optimizer.momentum"]
    assert required_keys(text) == ["optimizer", "optimizer._name"]


def test_a_nested_value_may_come_from_the_defaults() -> None:
    assert required_keys("p = nni.get_next_parameter({'o': {'a': 1}})\np['o']['a']") == []


@pytest.mark.parametrize(
    "text",
    [
        "p['o'].setdefault('a', 1)\np['o']['a']",
        "fill(p['o'])\np['o']['a']",
        "o = p['o']\no['a'] = 1\np['o']['a']",
        "q = dict(p)\nq['o'].update(a=1)\np['o']['a']",
        "q = {**p}\np['o']['b']\nq['o'].update(a=1)\np['o']['a']",
        "def f(p):\n    p['o'].setdefault('a', 1)\nf(p)\np['o']['a']",
    ],
)
def test_a_nested_dict_that_the_script_fills_is_filled_wherever_it_is_read(text: str) -> None:
    assert "o.a" not in required_keys(P + text)


def test_a_nested_read_counts_for_the_enclosing_parameter() -> None:
    found = facts(P + "p['optimizer']['momentum']")

    assert found.may_read(("optimizer",))
    assert found.may_read(("optimizer", "momentum"))
    assert not found.may_read(("optimizer", "nesterov"))


def test_facts_of_one_iteration_reach_the_next() -> None:
    text = "q = {}\nfor _ in range(3):\n    for _ in range(3):\n        q.get('lr')\n    q = p\n"

    assert keys_read(P + text) == ["lr"]


def test_a_function_is_executed_once_for_equal_arguments() -> None:
    calls = "\n".join(f"    f{depth}(p)\n    f{depth}(p)" for depth in [1])
    chain = "".join(f"def f{d}(p):\n    f{d + 1}(p)\n    f{d + 1}(p)\n" for d in range(18))
    text = P + chain + f"def f18(p):\n    p['lr']\ndef main(p):\n{calls}\nf0(p)"

    assert required_keys(text) == ["lr"]


@pytest.mark.parametrize(
    ("text", "line", "column", "length"),
    [
        ("p = nni.get_next_parameter()\np['lr']", 3, 3, 4),
        ("p = nni.get_next_parameter()\n'é', p['lr']", 3, 8, 4),
        ("p = nni.get_next_parameter()\np.get('lr')", 3, 7, 4),
        ("p = nni.get_next_parameter()\nprint(\n    p['lr'])", 4, 7, 4),
        ("p = nni.get_next_parameter()\np['''l\\\nr''']", 3, 3, 5),
        ("def main(seed, lr):\n    pass\nmain(1, **nni.get_next_parameter())", 2, 16, 2),
    ],
)
def test_a_read_has_the_span_of_its_key(text: str, line: int, column: int, length: int) -> None:
    (read,) = facts(text).reads

    assert (read.span.line, read.span.column, read.span.length) == (line, column, length)
