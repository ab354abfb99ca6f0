"""Every exercise accepts its solution, names its typical mistakes, and survives whatever else a learner writes."""

import inspect
import re

import nbformat
import pytest
import torch

from lstm_lib.exercises import EXERCISES, check, core, solution
from tests.tools.hygiene import NOTEBOOKS, run_cells

FUNCTIONS = [name for name, exercise in EXERCISES.items() if exercise.cases]
NUMBERS = [name for name in EXERCISES if name not in FUNCTIONS]
WITH_EXERCISES = sorted(path.stem for path in NOTEBOOKS.glob("0[1-8]_*.ipynb"))


@pytest.fixture
def verdict(capsys):
    """Return a function that checks an answer and returns what was printed."""

    def printed(name, answer, **options):
        check(name, answer, **options)
        return capsys.readouterr().out.strip()

    return printed


def _solved(name):
    exercise = EXERCISES[name]
    return exercise.solution if exercise.cases else exercise.solution()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", EXERCISES)
def test_the_solution_is_correct(name, dtype, verdict):
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        assert verdict(name, _solved(name)) == f"Correct. {EXERCISES[name].words['right']}"
    finally:
        torch.set_default_dtype(before)


@pytest.mark.parametrize("name", EXERCISES)
def test_each_typical_mistake_gets_a_sentence_of_its_own(name, verdict):
    exercise = EXERCISES[name]
    assert len(exercise.mistakes) >= 3
    said = [verdict(name, wrong) for wrong in exercise.mistakes.values()]
    assert said == [f"Not yet. {exercise.words[mistake]}" for mistake in exercise.mistakes]
    assert len(set(said)) == len(said)
    assert set(exercise.words) - {"compared"} == {"right", *exercise.mistakes}


@pytest.mark.parametrize("name", EXERCISES)
def test_the_words_can_be_replaced(name, verdict):
    words = {"correct": "Richtig. {why}", name: {"right": "Genau so."}}
    assert verdict(name, _solved(name), words=words) == "Richtig. Genau so."
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


@pytest.mark.parametrize("answer", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_function_makes_check_raise(name, answer, verdict):
    said = verdict(name, answer)
    assert said.startswith("Not yet")
    assert "\n" not in said
    assert len(said) < 400


@pytest.mark.parametrize(
    "answer", [None, ..., "4", [4], True, 1j, float("nan"), float("inf"), -(10**400), torch.zeros(3), print]
)
@pytest.mark.parametrize("name", NUMBERS)
def test_no_number_makes_check_raise(name, answer, verdict):
    assert verdict(name, answer).startswith("Not yet")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_answer_that_prints_and_spoils_its_input_is_judged_by_its_result(name, verdict):
    def noisy(*arguments):
        print("debug")
        result = EXERCISES[name].solution(*arguments)
        torch.set_default_dtype(torch.float16)
        torch.manual_seed(99)
        if EXERCISES[name].words.get("compared") is None:
            for argument in arguments:
                if isinstance(argument, torch.Tensor) and argument.is_floating_point():
                    result = _copies(result)
                    argument.data.zero_()
        return result

    before, dtype = torch.random.get_rng_state(), torch.get_default_dtype()
    said = verdict(name, noisy).split("\n")
    assert said[0] == "debug"
    assert said.count("debug") <= 2
    assert said[-1].startswith("Correct")
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.get_default_dtype() == dtype


def _copies(result):
    if isinstance(result, list | tuple):
        return type(result)(_copies(r) for r in result)
    return result.detach().clone() if isinstance(result, torch.Tensor) else result


def test_an_exception_is_told_with_its_line(verdict):
    assert re.search(
        r"stopped in line \d+ \(raise error\) with RuntimeError: mine\.", verdict(FUNCTIONS[0], HOSTILE["raises"])
    )


def test_a_wrong_part_of_a_pair_is_named(verdict):
    said = verdict("scale", lambda train, test: (EXERCISES["scale"].solution(train, test)[0], 3 * test))
    assert said.endswith("(Part 2 of 2.)")


def test_a_rounded_answer_is_shown_with_the_digits_that_differ(verdict):
    said = verdict("slope_of_step", lambda *case: round(EXERCISES["slope_of_step"].solution(*case).item(), 4))
    expected, came = re.search(r"expected (\S+), got (\S+)\. The", said).groups()
    assert expected != came


def test_a_layer_that_is_not_returned_or_another_one_is_noticed(verdict):
    def changed(lstm, longest):
        EXERCISES["start_long"].solution(lstm, longest)

    def other(lstm, longest):
        return torch.nn.LSTM(2, 2)

    assert "returned nothing" in verdict("start_long", changed)
    assert "Compared: 1 if the layer itself was returned" in verdict("start_long", other)


def test_the_cell_itself_may_not_be_called(verdict):
    assert "do not call the cell" in verdict("lstm_step", lambda cell, x, h, c: cell(x, (h, c)))


def test_a_long_list_is_not_shown_as_a_short_one(verdict):
    said = verdict("scale", lambda train, test: (train, test, train.mean(), train.std()))
    assert re.search(r"got tuple of 4 \(.*, …\)\.", said)


def test_an_unknown_exercise_is_named():
    with pytest.raises(ValueError, match="name: expected one of .*, got 'clip'"):
        check("clip", 1)
    with pytest.raises(ValueError, match="name: expected one of"):
        solution("clip")


def _answer_cells(stem):
    cells = nbformat.read(NOTEBOOKS / f"{stem}.ipynb", as_version=4).cells
    return [cell for cell in cells if re.fullmatch(r"exercise-.*-answer", cell.id)]


@pytest.mark.parametrize("stem", WITH_EXERCISES)
def test_the_notebook_has_two_to_four_exercises_as_stubs(stem):
    cells = _answer_cells(stem)
    assert 2 <= len(cells) <= 4
    names = [re.search(r'^check\("(\w+)", (\w+)\)$', cell.source, re.M)[1] for cell in cells]
    assert any(name in FUNCTIONS for name in names)
    assert any(name in NUMBERS for name in names)
    for cell in cells:
        assert [output.text for output in cell.outputs] == [core.WORDS["empty"] + "\n"]


@pytest.mark.parametrize("stem", WITH_EXERCISES)
def test_with_the_solutions_put_in_every_check_says_correct(stem, capsys):
    before = torch.get_default_dtype()
    try:
        names = run_cells(stem, "setup", "exercises-setup")
        for cell in _answer_cells(stem):
            name, variable = re.search(r'^check\("(\w+)", (\w+)\)$', cell.source, re.M).groups()
            exec(cell.source, names)
            stub = names[variable]
            exec(core.source(EXERCISES[name].solution), names)  # as a learner would who pastes it
            if name in NUMBERS:
                names[variable] = names[EXERCISES[name].solution.__name__]()
            else:
                assert inspect.signature(stub) == inspect.signature(names[variable])
            capsys.readouterr()
            exec(f"check({name!r}, {variable})", names)
            assert capsys.readouterr().out.startswith("Correct")
    finally:
        torch.set_default_dtype(before)
