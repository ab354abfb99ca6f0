"""Every exercise accepts its solution, names its typical mistakes, and survives whatever else a learner writes."""

import ast
import contextlib
import inspect
import itertools
import math
import re
import subprocess
import sys
import time
import tomllib

import nbformat
import pytest
import torch

from lstm_lib.exercises import CAUSES, EXERCISES, check, core, record, running, solution
from tests.tools.hygiene import NOTEBOOKS, run_cells

FUNCTIONS = [name for name, exercise in EXERCISES.items() if exercise.cases]
NUMBERS = [name for name in EXERCISES if name not in FUNCTIONS]
SOLUTIONS = {name: exercise.solution for name, exercise in EXERCISES.items()}
SOLVED = {name: solved if name in FUNCTIONS else solved() for name, solved in SOLUTIONS.items()}
WITH_EXERCISES = sorted(path.stem for path in NOTEBOOKS.glob("0[1-9]_*.ipynb"))
DIGITS_THAT_DIFFER = r"expected (\S+), got (?!\1\. )\S+\. The"


@pytest.fixture(autouse=True)
def default_dtype():
    before = torch.get_default_dtype()
    yield
    torch.set_default_dtype(before)


@pytest.fixture
def verdict(capsys):
    """Return a function that checks an answer and returns what was printed."""

    def printed(name, answer, **options):
        check(name, answer, **options)
        return capsys.readouterr().out.strip()

    return printed


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", EXERCISES)
def test_the_solution_is_correct(name, dtype, verdict):
    torch.set_default_dtype(dtype)
    assert verdict(name, SOLVED[name]) == f"Correct. {core.WORDS[name]['right']}"


@pytest.mark.parametrize("name", EXERCISES)
def test_each_typical_mistake_gets_a_sentence_of_its_own(name, verdict):
    mistakes = EXERCISES[name].mistakes
    assert len(mistakes) >= 3
    said = [verdict(name, wrong) for wrong in mistakes.values()]
    assert said == [f"Not yet. {core.WORDS[name][mistake]}" for mistake in mistakes]
    assert len(set(said)) == len(said)


def test_the_file_of_words_has_what_is_said_and_nothing_else():
    tables = tomllib.loads((NOTEBOOKS.parent / "lstm_lib" / "exercises" / "words.toml").read_text(encoding="utf-8"))
    general, code = tables.pop("general"), inspect.getsource(core)
    assert {key for key in general if f'"{key}"' in code} == set(general) >= set(re.findall(r'words\["([^"]+)"', code))
    assert set(tables.pop("diagnosis")) == {"right", "wrong", "helps", "healthy", "unknown", *CAUSES}
    assert list(tables) == list(EXERCISES)
    for name, exercise in EXERCISES.items():
        compared = {"compared"} if exercise.observe else set()
        assert set(tables[name]) == {"right", *exercise.mistakes} | compared


def test_a_mistake_that_changes_what_the_solution_does_not_say_is_refused():
    with pytest.raises(ValueError, match="scale: expected 'median' in its code, which is\ndef scale"):
        core.Exercise(SOLUTIONS["scale"], mistakes={"median": ("mean", "median", "median", "mode", "median", "mean")})


@pytest.mark.parametrize("name", EXERCISES)
def test_the_words_can_be_replaced(name, verdict):
    words = {"correct": "Richtig. {why}", name: {"right": "Genau so."}}
    assert verdict(name, SOLVED[name], words=words) == "Richtig. Genau so."
    assert verdict(name, ..., words={"empty": "Noch nichts."}) == "Noch nichts."


def _raise(error):
    raise error


HOSTILE = {
    "raises": lambda *a: _raise(RuntimeError("mine")),
    "exits": lambda *a: _raise(SystemExit(3)),
    "is interrupted": lambda *a: _raise(KeyboardInterrupt()),
    "wrong arguments": lambda: 1,
    "text": lambda *a: "42",
    "module": lambda *a: torch,
    "nan": lambda *a: float("nan"),
    "infinite": lambda *a: torch.tensor(float("inf")),
    "empty list": lambda *a: [],
    "deep list": lambda *a: [[[1], 2], "x"],
    "ragged": lambda *a: [[1, 2], [3]],
    "huge": lambda *a: torch.zeros(50, 50, 50),
    "dictionary": lambda *a: {"a": 1},
    "complex": lambda *a: torch.tensor(1j),
    "too large for a float": lambda *a: 10**400,
}
NO_NUMBERS = [None, ..., "4", [4], True, 1j, float("nan"), float("inf"), -(10**400), torch.zeros(3), print]


@pytest.mark.parametrize(
    "name, answer",
    [(name, answer) for name in EXERCISES for answer in (HOSTILE.values() if name in FUNCTIONS else NO_NUMBERS)],
)
def test_no_answer_makes_check_raise(name, answer, verdict):
    said = verdict(name, answer)
    assert said.startswith("Not yet")
    assert "\n" not in said
    assert len(said) < 400


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_answer_that_prints_and_changes_settings_is_judged_by_its_result(name, verdict):
    def noisy(*arguments):
        print("debug")
        result = SOLUTIONS[name](*arguments)
        torch.set_default_dtype(torch.float16)
        torch.manual_seed(99)
        return result

    before, dtype = torch.random.get_rng_state(), torch.get_default_dtype()
    said = verdict(name, noisy).split("\n")
    assert said[0] == "debug"
    assert said.count("debug") <= 2
    assert said[-1].startswith("Correct")
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.get_default_dtype() == dtype


def _spoil(argument):
    """Change a tensor, the weights of a layer, or a list, in place; say whether that is possible."""
    if isinstance(argument, list) and argument and not isinstance(argument[0], torch.Tensor):
        argument.append(argument[0])
        return True
    tensors = [argument] if isinstance(argument, torch.Tensor) else argument if isinstance(argument, list) else []
    tensors = list(argument.parameters()) if isinstance(argument, torch.nn.Module) else tensors
    for tensor in tensors:
        tensor.data += 1 if tensor.dtype != torch.bool else True
    return bool(tensors)


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if EXERCISES[name].observe is None])
def test_an_answer_that_changes_an_argument_is_not_right_and_the_argument_is_named(name, verdict):
    parameters = list(inspect.signature(SOLUTIONS[name]).parameters)
    tried = 0
    for k, parameter in enumerate(parameters):

        def spoiling(*arguments, k=k):
            result = SOLUTIONS[name](*arguments)
            spoiling.done = _spoil(arguments[k])
            return result

        said = verdict(name, spoiling)
        assert said.startswith("Correct") is not spoiling.done
        if spoiling.done:
            tried += 1
            assert f"your function changed its argument {parameter}" in said
    assert tried or name == "rnn_units"


def _by_requires_grad(rnn, x):
    x.requires_grad_()
    out, _ = rnn(x)
    out[-1].sum().backward()
    return x.grad.norm(dim=1)


def _overwriting(cell, x, h_prev, c_prev):
    h, c = SOLUTIONS["lstm_step"](cell, x, h_prev, c_prev)
    c_prev[:] = c
    return h, c


@pytest.mark.parametrize(
    ("name", "answer", "said"),
    [
        ("gradient_by_step", _by_requires_grad, "changed its argument x"),
        ("lstm_step", _overwriting, "changed its argument c_prev"),
        ("lstm_step", torch.no_grad()(SOLUTIONS["lstm_step"]), "no gradient reaches"),
        ("summary_of", torch.no_grad()(SOLUTIONS["summary_of"]), "no gradient reaches"),
        ("exchange_c", lambda lstm, x, k: SOLUTIONS["exchange_c"](lstm, x.detach(), k), "no gradient reaches"),
        ("lstm_step", lambda cell, x, h, c: SOLUTIONS["lstm_step"](cell, x, h.detach(), c), "no gradient reaches"),
    ],
)
def test_what_leaves_its_arguments_or_the_gradient_damaged_is_not_right(name, answer, said, verdict):
    assert said in verdict(name, answer)


def test_the_order_is_restored_by_the_inverse_and_not_by_the_order_itself(verdict):
    def restored(inverse):
        def summary(lstm, x, lengths):
            order = torch.tensor(lengths).argsort(descending=True)
            packed = torch.nn.utils.rnn.pack_padded_sequence(x[order], torch.tensor(lengths)[order], batch_first=True)
            h_n = lstm(packed)[1][0]
            return torch.cat([h_n[-2], h_n[-1]], dim=1)[order.argsort() if inverse else order]

        return summary

    assert verdict("summary_of", restored(True)).startswith("Correct")
    assert verdict("summary_of", restored(False)).startswith("Not yet")


def test_an_endless_loop_is_stopped_and_said_so(verdict, monkeypatch):
    def endless(*_):
        while True:
            with contextlib.suppress(Exception):
                math.sqrt(2)

    for module in (core, running):
        monkeypatch.setattr(module, "SECONDS", 0.3)
    start = time.monotonic()
    said = verdict("clip_by_norm", endless)
    assert "was still running after 0.3 seconds" in said and "Does its loop end?" in said
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(("name", "number", "said"), [
    ("steps_left", 60, "too small"),
    ("steps_left", 80, "too large"),
    ("lstm_parameters", 719.6, "too small"),
    ("bias_for_half", 0.986, "That is where the gate must stand"),
    ("bias_for_half", 3.89, "That is log 49"),
    ("memory_steps", 8, "rounded"),
    ("level_of_c", 3.4, "rounded"),
    ("steps_left", 9.97, "too small"),
])  # fmt: skip
def test_a_number_is_told_on_which_side_it_lies_or_where_it_comes_from(name, number, said, verdict):
    assert said in verdict(name, number)


class Twist(ast.NodeTransformer):
    """Changes the ``n``-th place of a function that can be changed: an operator, a number, a comparison, a call."""

    SWAPS = {
        ast.Add: ast.Sub,
        ast.Sub: ast.Add,
        ast.Mult: ast.Div,
        ast.Div: ast.Mult,
        ast.MatMult: ast.Mult,
        ast.Pow: ast.Mult,
    }
    SWAPS |= {ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq}

    def __init__(self, n, names):
        self.n, self.names, self.place = n, names, None

    def _turn(self):
        self.n -= 1
        return self.n == -1

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if type(node.op) in self.SWAPS and self._turn():
            node.op, self.place = self.SWAPS[type(node.op)](), ast.dump(node.op)
        return node

    def visit_Compare(self, node):
        self.generic_visit(node)
        if type(node.ops[0]) in self.SWAPS and self._turn():
            node.ops, self.place = [self.SWAPS[type(node.ops[0])]()], "comparison"
        return node

    def visit_UnaryOp(self, node):
        self.generic_visit(node)
        if self._turn():
            self.place = "sign"
            return node.operand
        return node

    def visit_Constant(self, node):
        if isinstance(node.value, int | float) and not isinstance(node.value, bool):
            for new in (node.value + 1, 0 if node.value else 2):
                if self._turn():
                    self.place = f"{node.value} -> {new}"
                    return ast.Constant(new)
        return node

    def visit_Expr(self, node):
        self.generic_visit(node)
        if self._turn():
            self.place = "statement left out"
            return ast.Pass()
        return node

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Load) and node.id in self.names and len(self.names) > 1 and self._turn():
            other = self.names[self.names.index(node.id) - 1]
            self.place = f"{node.id} -> {other}"
            return ast.Name(other, node.ctx)
        return node

    def visit_Call(self, node):
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and self._turn():
            self.place = f"without {node.func.attr}"
            return node.func.value
        return node

    def visit_Tuple(self, node):
        self.generic_visit(node)
        if isinstance(node.ctx, ast.Load) and len(node.elts) > 1 and self._turn():
            self.place, node.elts = "turned", node.elts[::-1]
        return node


def _twisted(function):
    """Yield (what was changed, the function with one change) for each place of its code that can be changed."""
    for n in range(200):
        tree, twist = ast.parse(inspect.getsource(function)), Twist(n, list(inspect.signature(function).parameters))
        tree = ast.fix_missing_locations(twist.visit(tree))
        if twist.place is None:
            return
        made = {}
        exec(compile(tree, "twisted", "exec"), function.__globals__, made)
        yield twist.place, made[function.__name__]


def _really_differs(exercise, function):
    """Say whether a function differs from the solution on the exercise's cases, with other random numbers too."""
    for seed in range(3):
        for k in range(len(exercise.cases())):
            results = []
            for one in (exercise.solution, function):
                torch.manual_seed(seed)
                arguments = exercise.cases()[k]
                try:
                    result = one(*arguments)
                    results.append(exercise.observe(arguments, result) if exercise.observe else result)
                except Exception:
                    return True
            if core._difference(*results, exercise.tolerance, "", core.WORDS) is not None:
                return True
    return False


# what a twist leaves as right as it was: by arithmetic, or because nothing in the task asks for the difference
HARMLESS = {
    "rnn_units": {"1 -> 2", "1 -> 0"},  # where the search starts
    "write_size": {"0.0001 -> 1.0001"},
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_solution_with_one_place_changed_is_accepted_only_if_it_is_right(name, verdict):
    tried, exercise = 0, EXERCISES[name]
    for place, function in _twisted(SOLUTIONS[name]):
        if place in HARMLESS.get(name, ()) or not _really_differs(exercise, function):
            continue
        tried += 1
        said = verdict(name, function)
        assert said.startswith("Not yet") and len(said) > 30, (place, said)
    assert tried + len(exercise.mistakes) >= 15 or name == "from_onnx", (tried, len(exercise.mistakes))


def test_each_of_the_23_wrong_orders_of_onnx_is_refused(verdict):
    for order in itertools.permutations(range(4)):
        answer = lambda rows, order=order: torch.cat([rows.chunk(4)[k] for k in order])  # noqa: E731
        assert verdict("from_onnx", answer).startswith("Correct") is (order == (2, 0, 3, 1))


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_beside_the_right_one_is_not_accepted(name, verdict):
    right, exercise = SOLVED[name], EXERCISES[name]
    wrong = [right * factor for factor in (0, 0.1, 0.5, 0.9, 0.97, 1.03, 1.1, 2, 10, -1)]
    wrong += [right + 3 * exercise.tolerance, right - 3 * exercise.tolerance, right + 1, right - 1, 1 / right]
    for number in (*wrong, *exercise.mistakes.values()):
        said = verdict(name, number)
        assert said.startswith("Not yet"), number
        assert len(said) > 30 or re.search("is too (small|large)", said)


def test_a_teacher_can_have_a_record_and_a_table_of_the_class(tmp_path, monkeypatch, capsys):
    for learner in ("ada", "ben"):
        (tmp_path / learner).mkdir()
        monkeypatch.chdir(tmp_path / learner)
        check("steps_left", 65)  # no record yet
        assert list((tmp_path / learner).iterdir()) == []
        (tmp_path / learner / "checks.csv").touch()
        check("steps_left", ...)
        check("slope_of_step", lambda *arguments: ...)  # as it stands in the notebook: no try
        check("steps_left", 65)
        if learner == "ada":
            check("steps_left", 66)
            check("steps_left", 1)  # after it was right
        check("clipped_entry", 4)
    with (tmp_path / "ben" / "checks.csv").open("a") as file:
        file.write("not,a line of the record\n")
    rows = list(record.collect([tmp_path / "ada", tmp_path / "ben"]))
    assert [row[:3] for row in rows] == [
        ("ada", "steps_left", 2), ("ada", "clipped_entry", 1), ("ben", "steps_left", 1), ("ben", "clipped_entry", 1)
    ]  # fmt: skip
    assert [bool(row[3]) for row in rows] == [True, True, False, True]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", rows[0][3])
    (tmp_path / "ben" / "checks.csv").rename(tmp_path / "ben" / "checks__20260101.csv")  # as nbgitpuller does
    capsys.readouterr()
    assert list(record.collect([tmp_path / "ada" / "none", tmp_path / "ben"])) == rows[2:]
    assert "none: expected a folder with a file checks.csv, got none" in capsys.readouterr().err
    done = subprocess.run(
        [sys.executable, "-m", "lstm_lib.exercises", "ada"], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.stdout.splitlines()[0], done.stderr) == ("learner,exercise,tries,right at", "")
    assert len(done.stdout.splitlines()) == 3


def test_a_grader_can_have_an_error(capsys):
    check("steps_left", 66, strict=True)
    with pytest.raises(AssertionError, match="Nearly. After 65 steps"):
        check("steps_left", 65, strict=True)


@pytest.mark.parametrize(
    "name, answer, pattern",
    [
        (FUNCTIONS[0], HOSTILE["raises"], r"stopped in line \d+ \(raise error\) with RuntimeError: mine\."),
        ("scale", lambda *case: (SOLUTIONS["scale"](*case)[0], 3 * case[1]), r"\(Part 2 of 2\.\)$"),
        ("scale", lambda *case: (*case, 1.0, 2.0), r"got tuple of 4 \(.*, …\)\."),
        ("slope_of_step", lambda *case: round(SOLUTIONS["slope_of_step"](*case).item(), 4), DIGITS_THAT_DIFFER),
        ("start_long", lambda *case: SOLUTIONS["start_long"](*case) and None, "returned nothing"),
        ("start_long", lambda *case: torch.nn.LSTM(2, 2), "those of a new layer"),
        ("steps_left", -(10**400), "-inf is not it"),
        ("lstm_step", lambda cell, x, h, c: cell(x, (h, c)), "do not call the cell"),
    ],
)
def test_what_differs_is_told_so_that_it_can_be_found(name, answer, pattern, verdict):
    assert re.search(pattern, verdict(name, answer))


def test_an_unknown_exercise_is_named():
    with pytest.raises(ValueError, match="name: expected one of .*, got 'clip'"):
        check("clip", 1)
    with pytest.raises(ValueError, match="name: expected one of"):
        solution("clip")


def _answers(stem):
    """Return each cell for an answer, with the name of the exercise and the variable that is checked."""
    cells = nbformat.read(NOTEBOOKS / f"{stem}.ipynb", as_version=4).cells
    cells = [cell for cell in cells if re.fullmatch(r"exercise-.*-answer", cell.id)]
    return [(cell, *re.search(r'^check\("(\w+)", (\w+)\)$', cell.source, re.M).groups()) for cell in cells]


@pytest.mark.parametrize("stem", WITH_EXERCISES)
def test_the_notebook_has_two_to_four_exercises_as_stubs(stem):
    cells, names, _ = zip(*_answers(stem), strict=True)
    assert 2 <= len(cells) <= 4
    assert set(names) & set(FUNCTIONS)
    assert set(names) & set(NUMBERS)
    for cell in cells:
        assert [output.text for output in cell.outputs] == [core.WORDS["empty"] + "\n"]


@pytest.mark.parametrize("stem", WITH_EXERCISES)
def test_with_the_solutions_put_in_every_check_says_correct(stem, capsys):
    names = run_cells(stem, "setup", "exercises-setup")
    for cell, name, variable in _answers(stem):
        exec(cell.source, names)
        stub = names[variable]
        capsys.readouterr()
        solution(name)
        exec(capsys.readouterr().out, names)  # as a learner would who pastes it
        if name in NUMBERS:
            names[variable] = names[name]()
        else:
            assert inspect.signature(stub) == inspect.signature(names[variable])
        exec(f"check({name!r}, {variable})", names)
        assert capsys.readouterr().out.startswith("Correct")
