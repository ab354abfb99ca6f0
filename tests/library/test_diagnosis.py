"""The diagnosis lab: each patient has one fault, its cure cures it, and no other one does, from ten seeds too."""

import math
import re
from dataclasses import fields

import pytest
import torch

from lstm_lib.exercises import CAUSES, PATIENTS, check, diagnosis, patient, solution

HELPS_TOO = [(f"patient {letter}", "rate too high") for letter in "ABDG"]  # a hundredth of it


@pytest.fixture(autouse=True)
def in_float64():
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


def later(setup, seed=0):
    return diagnosis.run(setup, seed)[1]["later"]


def cure_beats(seed):
    """Check for all patients that the right cure helps, and better than any other."""
    for name, (cause, setup) in diagnosis.PATIENTS.items():
        ill, cured = later(setup, seed), later(diagnosis.CURES[cause](setup), seed)
        assert cured < 0.45 and not ill < 1.2 * cured, (name, seed, ill, cured)
        for other, cure in diagnosis.CURES.items():
            if other != cause and (tried := cure(setup)) != setup and (name, other) not in HELPS_TOO:
                assert not later(tried, seed) < 0.9 * min(ill, 9), (name, other, seed)


def test_each_patient_has_one_fault_and_each_cause_one_patient():
    assert sorted(cause for cause, _ in diagnosis.PATIENTS.values()) == sorted(CAUSES)
    for cause, setup in diagnosis.PATIENTS.values():
        cured = diagnosis.CURES[cause](setup)
        assert sum(getattr(setup, f.name) != getattr(cured, f.name) for f in fields(setup)) == 1


def test_the_right_cause_is_accepted_with_evidence_and_another_is_not(capsys):
    for name in PATIENTS:
        solution(name)
        cause = capsys.readouterr().out.strip()
        check(name, cause, strict=True)
        said = capsys.readouterr().out
        assert said.startswith("Correct. With just that put right, the error on later data is 0.")
        assert f"instead of {patient(name)[1]['later']}" in said
        setup = diagnosis.PATIENTS[name][1]
        check(name, next(other for other, cure in diagnosis.CURES.items() if cure(setup) == setup))
        assert capsys.readouterr().out.startswith("Not yet. The setting behind that is as it should be in this run.")


@pytest.mark.parametrize(
    ("name", "answer", "said"),
    [
        ("patient A", "rate too high", "Not yet. That helps: with it changed, the error on later data is 0."),
        ("patient I", "rate too high", "Not yet. With that changed, the error on later data is 0."),
        ("patient B", "gremlins", "Not yet: expected one of 'no clipping', .*, got 'gremlins'"),
        ("patient B", ["leak"], r"Not yet: expected one of .*, got \['leak'\]"),
        ("patient B", ..., "Not yet: put your answer in place of the three dots."),
    ],
)
def test_what_is_said_of_other_answers(name, answer, said, capsys):
    check(name, answer)
    assert re.match(said, capsys.readouterr().out)


def test_the_random_state_and_the_class_of_numbers_of_a_chart():
    before = torch.get_rng_state()
    diagnosis.run.cache_clear()
    losses, chart = patient("patient G")
    assert torch.equal(torch.get_rng_state(), before)
    assert len(losses) < 10 and chart["later"] == "inf" and chart["saturated"] == "–"
    assert [diagnosis.said(v) for v in (5, 0.12345, 123.4, math.nan, math.inf)] == ["5", "0.12", "≥ 100", "–", "inf"]
    with pytest.raises(ValueError, match="name: expected one of .*, got 'patient Z'"):
        patient("patient Z")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_the_cures_hold(seed):
    cure_beats(seed)
