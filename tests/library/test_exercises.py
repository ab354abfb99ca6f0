"""Every exercise accepts its solution, names its typical mistakes, and survives whatever else a learner writes."""

import copy
import inspect
import re
import tomllib

import nbformat
import pytest
import torch

from lstm_lib.exercises import EXERCISES, check, core, solution
from tests.tools.hygiene import NOTEBOOKS, run_cells

FUNCTIONS = [name for name, exercise in EXERCISES.items() if exercise.cases]
NUMBERS = [name for name in EXERCISES if name not in FUNCTIONS]
SOLUTIONS = {name: exercise.solution for name, exercise in EXERCISES.items()}
SOLVED = {name: solved if name in FUNCTIONS else solved() for name, solved in SOLUTIONS.items()}
WITH_EXERCISES = sorted(path.stem for path in NOTEBOOKS.glob("0[1-8]_*.ipynb"))
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
    assert list(tables) == list(EXERCISES)
    for name, exercise in EXERCISES.items():
        compared = {"compared"} if exercise.observe is not core.Exercise.observe else set()
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
def test_an_answer_that_prints_and_spoils_its_input_is_judged_by_its_result(name, verdict):
    def noisy(*arguments):
        print("debug")
        own = arguments if "compared" in core.WORDS[name] else copy.deepcopy(arguments)
        result = SOLUTIONS[name](*own)
        torch.set_default_dtype(torch.float16)
        torch.manual_seed(99)
        for argument in arguments:
            if isinstance(argument, torch.Tensor) and argument.is_floating_point():
                argument.data.zero_()
        return result

    before, dtype = torch.random.get_rng_state(), torch.get_default_dtype()
    said = verdict(name, noisy).split("\n")
    assert said[0] == "debug"
    assert said.count("debug") <= 2
    assert said[-1].startswith("Correct")
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.get_default_dtype() == dtype


@pytest.mark.parametrize(
    "name, answer, pattern",
    [
        (FUNCTIONS[0], HOSTILE["raises"], r"stopped in line \d+ \(raise error\) with RuntimeError: mine\."),
        ("scale", lambda *case: (SOLUTIONS["scale"](*case)[0], 3 * case[1]), r"\(Part 2 of 2\.\)$"),
        ("scale", lambda *case: (*case, 1.0, 2.0), r"got tuple of 4 \(.*, …\)\."),
        ("slope_of_step", lambda *case: round(SOLUTIONS["slope_of_step"](*case).item(), 4), DIGITS_THAT_DIFFER),
        ("start_long", lambda *case: SOLUTIONS["start_long"](*case) and None, "returned nothing"),
        ("start_long", lambda *case: torch.nn.LSTM(2, 2), "Compared: 1 if the layer itself was returned"),
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
