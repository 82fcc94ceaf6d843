"""The text of a plan preview: what it shows, and what it leaves out."""

from dataclasses import replace
from typing import Any

import pytest

from sweepwright.contracts import (
    Budget,
    Command,
    PythonFile,
    PythonModule,
    Role,
    Shipment,
    ShippedFile,
    WithheldFile,
)
from sweepwright.core.driver.preview.branch_probabilities import branch_probabilities
from sweepwright.core.driver.preview.preview import FirstTrial, PlanPreview
from sweepwright.core.plan.plan import Limits, Selection
from sweepwright.core.plan.plan_json import fingerprint
from sweepwright.core.views.plan_text import plan_text
from sweepwright.expressions import parse
from sweepwright.space import (
    Categorical,
    Condition,
    Derived,
    Integer,
    Nested,
    Parameter,
    Real,
    SearchSpace,
)
from tests.core.driver.preview.preview_plugins import WITH_BRACKETS, Silent, previewed
from tests.core.examples import plan


@pytest.mark.parametrize(
    ("high", "said"),
    [
        (1, "1 assignment"),
        (12345, "12,345 assignments"),
        (10**13, "about 1e13 assignments"),
    ],
)
def test_a_finite_space_is_counted(high: int, said: str) -> None:
    of = plan(space=SearchSpace([Parameter("x", Integer(1, high))]))

    assert f"space: 1 parameter, {said}\n" in plan_text(replace(previewed(), plan=of))


def section(preview: PlanPreview, title: str) -> list[str]:
    sections = plan_text(preview).split("\n\n")
    (found,) = [text for text in sections if text.startswith(title)]
    return found.splitlines()[1:]


def test_the_space_is_shown_with_defaults() -> None:
    space = SearchSpace(
        [
            Parameter("lr", Real(1e-4, 0.1, log=True), default=3e-4),
            Parameter("hidden", Integer(16, 256)),
            Parameter("kind", Categorical(tuple(f"number {n}" for n in range(20)))),
        ]
    )

    assert section(previewed(of=plan(space=space)), "space: 3 parameters, continuous") == [
        "  lr      loguniform(0.0001, 0.1)                                       = 0.0003",
        "  hidden  int(16, 256)",
        '  kind    choice("number 0", "number 1", "number 2", "number 3", "num…',
    ]


def constrained(*constraints: str) -> PlanPreview:
    space = SearchSpace(
        [
            Parameter("opt", Nested(("sgd", "adam"))),
            Parameter("lr", Integer(1, 1000), condition=parse('opt == "sgd"')),
            Parameter("batch", Integer(1, 1000)),
        ],
        list(map(parse, constraints)),
        [
            Derived("steps", parse("1000 // batch")),
            Derived("warm", parse("batch * 2"), condition=parse("lr > 3")),
        ],
    )
    return replace(previewed(), plan=plan(space=space), branches=branch_probabilities(space))


def test_conditions_constraints_and_derived_values_are_shown() -> None:
    preview = constrained("batch <= 500", "lr < 1000")

    assert section(preview, "space: 3 parameters, at most 2,000,000 assignments") == [
        "  opt    choice(sgd, adam)",
        '  lr     int(1, 1000)         when opt == "sgd"',
        "  batch  int(1, 1000)",
    ]
    assert section(preview, "derived values") == [
        "  steps  1000 // batch",
        "  warm   batch * 2      when lr > 3",
    ]
    assert section(preview, "constraints, satisfied by ~50 % of the prior") == [
        "  batch <= 500",
        "  lr < 1000",
    ]
    assert all(" ~" in line for line in section(preview, "branches")[1:])


def test_constraints_that_no_draw_satisfies_get_an_upper_bound() -> None:
    preview = constrained("batch < 1")

    assert section(preview, "constraints, satisfied by less than 0.005 % of the prior")
    assert section(preview, "branches")[1:] == ["  ├─ sgd   unknown", "  └─ adam  unknown"]


def test_a_space_of_ten_thousand_parameters_shows_the_first_and_counts_the_rest() -> None:
    space = SearchSpace([Parameter(f"p{n}", Real(0, 1)) for n in range(10_000)])
    lines = section(previewed(of=plan(space=space)), "space: 10,000 parameters")

    assert lines[0] == "  p0   uniform(0, 1)"
    assert lines[-1] == "  … and 9,960 more"
    assert len(lines) == 41


def test_branches_are_drawn_as_a_tree() -> None:
    space = SearchSpace(
        [
            Parameter("opt", Nested(("sgd", "adam"), weights=(3, 1))),
            Parameter("opt.sgd.decay", Nested(("cosine", "step")), when=Condition("opt", (0,))),
            Parameter("loss", Nested(("l1", "l2", "huber"))),
        ]
    )

    assert section(replace(previewed(), branches=branch_probabilities(space)), "branches") == [
        "  opt",
        "  ├─ sgd   75 %",
        "  │  opt.sgd.decay",
        "  │  ├─ cosine  37.5 %",
        "  │  └─ step    37.5 %",
        "  └─ adam  25 %",
        "  loss",
        "  ├─ l1     33.3 %",
        "  ├─ l2     33.3 %",
        "  └─ huber  33.3 %",
    ]


def test_the_first_lines_are_the_fingerprint_and_a_description() -> None:
    preview = previewed()

    assert plan_text(preview).startswith(
        f"plan {fingerprint(preview.plan)}\n"
        "8 trials of example, 2 at once, tuned by random on simulated\n\n"
    )


def test_components_show_options_that_are_set_and_leave_out_the_others() -> None:
    options: dict[str, Any] = {"eta": 3, "file": None, "layers": []}
    of = plan(
        tuner=Selection("tuner", "asha", options, "sweepwright 0.1.0"),
        assessor=Selection("assessor", "median", {"warm": True}, "theirs 2.0"),
        budget=Budget(81),
        reproducible=True,
    )

    assert section(replace(previewed(), plan=of), "components") == [
        "  tuner      asha(eta=3)",
        "  assessor   median(warm=true)  [theirs 2.0]; a stopped trial counts as the worst",
        "  objective  maximize the reported result",
        "  budget     1 to 81 epochs",
        "  trial      example in .",
        "  runs       python example.py",
        "  framework  python",
        "  platform   simulated",
        "  seed       0, reproducible",
        "  store      sweeps",
    ]


def test_several_roles_are_named() -> None:
    roles = (
        Role("main", Command(("./train", "--x=1")), resources={"gpu": 1.0}),
        Role("other", PythonModule("there", ("--y",)), 2, reports=False),
        Role("third", PythonFile("there.py")),
    )
    of = plan(code=replace(plan().code, roles=roles))
    lines = section(replace(previewed(), plan=of), "components")

    assert [line for line in lines if line.split()[0] in ("main", "other", "third")] == [
        "  main       ./train --x=1, 1 gpu",
        "  other      2 x python -m there --y",
        "  third      python there.py",
    ]


def test_rungs_and_cost_are_tables() -> None:
    preview = previewed(of=WITH_BRACKETS, uses_budget=True)

    assert section(preview, "rungs") == [
        "  bracket  epochs  trials  with checkpoints  without",
        "  0        1       8       8                 8",
        "           9       2       16                18",
    ]
    assert section(preview, "worst-case cost") == [
        "  trials     8, limited by max_trials",
        "  budget     72 epochs: 8 trials of 9",
        "  idle time  0 % expected (if all trials take equally long)",
        "  time       unknown; give trial_seconds=N for an estimate",
    ]


def test_start_assignments_are_marked() -> None:
    given = plan(start=({"lr": 1, "layers": 4, "activation": "tanh"},))

    assert section(previewed(of=given), "first assignments") == [
        "  trial 0, from start  lr=1 layers=4 activation=tanh",
        "  trial 1              lr=0.1 layers=1 activation=relu",
        "  trial 2              lr=0.1 layers=2 activation=relu",
    ]


def test_first_assignments_are_numbered() -> None:
    assert section(previewed(), "first assignments") == [
        "  trial 0  lr=0.1 layers=0 activation=relu",
        "  trial 1  lr=0.1 layers=1 activation=relu",
        "  trial 2  lr=0.1 layers=2 activation=relu",
    ]


def test_a_long_assignment_shows_its_first_values() -> None:
    assignment = {f"p{number}": number for number in range(1025)}
    (line,) = section(replace(previewed(), first=(assignment,)), "first assignments")

    assert line.startswith("  trial 0  p0=0 p1=1 ")
    assert line.endswith(" p23=23 … and 1,001 more")


def test_what_is_sent_is_counted_and_the_largest_files_are_named() -> None:
    files = [ShippedFile(f"f{number}", 1000 * number) for number in range(7)]
    shipment = Shipment(
        [*files, ShippedFile("odd\n\udcff", 3 << 20)],
        withheld=[WithheldFile(".env", "a file of this name holds secrets")],
        targets=["lab1", "lab2"],
        permitted=[WithheldFile("test.pem", "it begins as a private key does")],
    )
    preview = replace(previewed(), shipment=shipment)

    assert section(preview, "sent to run the trials") == [
        "  to       lab1, lab2",
        "  largest       3 MiB  odd\\n\\udcff",
        "             5.86 KiB  f6",
        "             4.88 KiB  f5",
        "             3.91 KiB  f4",
        "             2.93 KiB  f3",
    ]
    assert ": 8 files, 3.02 MiB\n" in plan_text(preview)
    assert section(preview, "secrets that are not sent") == [
        "  .env  a file of this name holds secrets"
    ]
    assert section(preview, "secrets that are sent, because `.sweepignore` names them") == [
        "  test.pem  it begins as a private key does"
    ]


def test_the_last_sections_are_the_command_and_the_submission() -> None:
    (command,) = section(previewed(), "trial 0 as a command")
    sent = section(previewed(), "trial 0 as submitted to simulated")

    assert command.startswith("  API_KEY='***' SWEEPWRIGHT_TRIAL='{")
    assert command.endswith("}' ./train")
    assert sent[:2] == ["  {", '    "name": "SWEEP-0-1",']


def test_empty_sections_are_left_out() -> None:
    text = plan_text(previewed(Silent, plan(limits=Limits(None))))
    titles = [section.splitlines()[0] for section in text.split("\n\n")]

    assert titles[1:] == ["space: 3 parameters, continuous", "components", "worst-case cost"]


def test_a_very_long_line_is_cut() -> None:
    first = FirstTrial({"text": "x" * 20_000}, ("y" * 20_000,))
    text = plan_text(replace(previewed(), first_trial=first))

    assert max(map(len, text.splitlines())) < 10_100
    assert text.count("… 10,000 more characters") == 1


def test_options_of_machines_are_shown_if_they_are_set() -> None:
    machines = [{"host": "box1", "port": None, "tags": []}, {"host": "box2", "port": 22}]
    options = {"machines": machines, "machine_defaults": {"user": None}, "require": []}
    of = replace(plan(), platform=Selection("platform", "remote", options))
    shown = " ".join(section(replace(previewed(), plan=of), "components"))

    assert "remote(machines=[{'host': 'box1'}, {'host': 'box2', 'port': 22}])" in shown
