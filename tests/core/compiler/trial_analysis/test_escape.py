"""The analysis assumes any read of a value that escapes, and no read of an inspected value."""

import pytest

from tests.core.compiler.trial_analysis.scripts import facts, required_keys

P = "p = nni.get_next_parameter()\n"


@pytest.mark.parametrize(
    "text",
    [
        P + "train(p)",
        P + "train(*[p])",
        P + "train(**p)",
        P + "def main(**options):\n    pass\nmain(**p)",
        P + "def main(*options):\n    pass\nmain(p)",
        P + "def main(p):\n    pass\nmain(*[1], p)",
        P + "def main(x):\n    pass\nmain(1, y=p)",
        P + "for key in p:\n    pass",
        P + "for key, value in p.items():\n    pass",
        P + "list(p.values())",
        P + "p[input()]",
        P + "p[0]",
        P + "p.values",
        P + "p == {}",
        P + "input() in p",
        P + "x = [p]",
        P + "x = {'p': p}",
        P + "a, b = p",
        P + "a, *b = p, 1",
        P + "self.p = p",
        P + "x[0] = p",
        P + "return_ = lambda: p",
        P + "x = [q for q in [1] if q for r in p]",
        P + "str(p)",
        P + "vars(args).update(p)",
        P + "args.update(p)",
        P + "-p",
        P + "p + p",
        P + "p += 1",
        P + "q = {**p['a'], **p}\nq['b']",
        P + "class Net(Base):\n    pass\nNet(p)",
        P + "@wrapped\ndef main(p):\n    pass\nmain(p)",
        P + "@attrs\nclass Net:\n    def __init__(self, p):\n        pass\nNet(p)",
        P + "def main(p):\n    main(p)\nmain(p)",
        P + "match p:\n    case {'lr': lr}:\n        pass",
        P + "raise ValueError(p)",
        P + "getattr(p, 'lr')",
        P + "json.dumps(p)",
        "train(nni.get_next_parameter)",
        "nni.get_current_parameter(input())",
        P + "def main():\n    yield p",
        P + "class C:\n    lr: float\n    def __new__(cls, p):\n        pass\nC(p)",
        P + "import dataclasses\n@dataclasses.dataclass\nclass C(Base):\n    lr: float\nC(**p)",
    ],
)
def test_any_key_of_an_assignment_that_escapes_may_be_read(text: str) -> None:
    assert () in facts(text).escaped


@pytest.mark.parametrize(
    "text",
    [
        "eval('p')",
        "exec('p')",
        "train(nni)",
        "self.nni = nni",
        "getattr(nni, 'get_next_parameter')",
        "vars()",
        "x = globals()['p']",
        "import os\nos.environ[f'{x}' + 'SWEEPWRIGHT_TRIAL']",
        "import os\nname = 'SWEEPWRIGHT_TRIAL'\nos.environ.pop(name)",
        "import os\nprint(len(os.environ.get('SWEEPWRIGHT_TRIAL')))",
        "x = {'SWEEPWRIGHT_REPORTS': 1}['SWEEPWRIGHT_REPORTS']\ntrain('SWEEPWRIGHT_REPORTS')",
    ],
)
def test_a_source_that_uses_reflection_may_do_anything(text: str) -> None:
    found = facts(text)

    assert found.api_used_elsewhere
    assert found.may_read_budget(None)
    assert found.may_read(("anything",))


@pytest.mark.parametrize(
    "text",
    [
        P + "print(p)",
        P + "print(f'{p} {1}')",
        P + "logger.info('%s', p)",
        P + "import logging\nlogging.debug(p)",
        P + "if p:\n    pass",
        P + "if not p or p is None:\n    pass",
        P + "isinstance(p, dict)",
        P + "p.keys()",
        P + "p",
        P + "def main():\n    p = 1\n    print(p['lr'])\nmain()",
        P + "p = 3",
        P + "del p",
        P + "import json as p\np['lr']",
        P + "for p in range(3):\n    pass",
        "p = {'lr': 1}\np['lr']",
        "import json, os\nint(json.loads(os.environ.get('SWEEPWRIGHT_TRIAL', '{}'))['seed'])",
        "def get_next_parameter():\n    return {}\nget_next_parameter()['lr']",
    ],
)
def test_looking_at_an_assignment_reads_no_key(text: str) -> None:
    found = facts(text)

    assert not found.reads
    assert not found.escaped
    assert not found.api_used_elsewhere


def test_a_nested_dict_that_escapes_leaves_other_keys_known() -> None:
    found = facts(P + "optimizer = dict(p['optimizer'])\nSGD(optimizer.pop('_name'), **optimizer)")

    assert found.may_read(("optimizer", "momentum"))
    assert not found.may_read(("lr",))


def test_a_function_that_escapes_is_executed_with_unknown_arguments() -> None:
    text = P + "def step():\n    return p['lr']\nstep()\nrepeat(step)\n"

    assert required_keys(text) == ["lr"]
