"""The set-up: what it does again and what not, whom it tells what, and which torch comes."""

import ast
import importlib.util
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def setup(tmp_path):
    """The set-up script of a course in a folder of its own; its Python is a file that only exists."""
    (tmp_path / "tests" / "tools").mkdir(parents=True)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").touch()
    (tmp_path / "requirements.txt").write_text("torch==2.13.0\n# for the tests\npytest==9.2.0\n-e .\n")
    script = shutil.copy(ROOT / "tests" / "tools" / "setup.py", tmp_path / "tests" / "tools")
    spec = importlib.util.spec_from_file_location("course_setup", script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def no_process(*command, **options):
    raise AssertionError(f"{command} was started")


def test_an_old_python_can_read_the_setup_and_is_told_what_to_type(setup, monkeypatch):
    ast.parse(Path(setup.__file__).read_text(encoding="utf-8"), feature_version=(3, 6))
    monkeypatch.setattr(setup, "runs", lambda name, *_: name in ("python3.12", "python3.11"))
    assert setup.obstacle((3, 10, 13)) == (
        "Python 3.11 or newer is needed, this is 3.10. This machine has another: make lab PYTHON=python3.12"
    )
    monkeypatch.setattr(setup, "runs", lambda *_: False)
    assert "Install one: https://www.python.org" in setup.obstacle((3, 10, 13))
    assert setup.obstacle((3, 11, 0)) is None


def test_a_folder_that_cannot_be_written_to_is_named(setup, monkeypatch):
    monkeypatch.setattr(setup.os, "access", lambda *_: False)
    assert setup.main([]).startswith(f"{setup.ROOT} can't be written to")


def test_a_second_setup_starts_nothing_until_a_pin_changes(setup, monkeypatch):
    setup.READY.write_text(f"{str(setup.ROOT)!a}\ntorch==2.13.0\npytest==9.2.0", encoding="utf-8")
    monkeypatch.setattr(setup.subprocess, "run", no_process)
    monkeypatch.setattr(setup, "runs", lambda *command: command[3] == setup.WHOLE)
    assert setup.main([]) is None
    requirements = setup.ROOT / "requirements.txt"
    requirements.write_text(requirements.read_text().replace("tests", "unit tests"))
    assert setup.main([]) is None
    requirements.write_text(requirements.read_text().replace("9.2.0", "9.2.1"))
    with pytest.raises(AssertionError, match="was started"):
        setup.main([])


@pytest.mark.parametrize(
    ("line", "whole"),
    [
        ("", True),
        ("torch 2.0", True),  # upgraded by the learner
        ("torch 99.0", False),
        ("no-such-package 1.0", False),
    ],
)
def test_an_environment_that_has_lost_something_is_set_up_again(setup, line, whole):
    there = subprocess.run([sys.executable, "-c", setup.LIST], capture_output=True, text=True, check=True).stdout
    assert {f"torch {version('torch')}", f"tqdm {version('tqdm')}"} <= set(there.splitlines())
    setup.INSTALLED.write_text(there + line)
    assert setup.runs(sys.executable, "-c", setup.WHOLE, str(setup.INSTALLED)) == whole


def test_a_moved_folder_gets_a_new_environment(setup, monkeypatch, capsys):
    setup.READY.write_text("'/old/place'\ntorch==2.13.0\npytest==9.2.0", encoding="utf-8")
    monkeypatch.setattr(setup.subprocess, "run", lambda *_, **__: SimpleNamespace(returncode=1))
    assert "could not make" in setup.main([])
    assert "moved or copied" in capsys.readouterr().out
    assert not setup.VENV.exists()


@pytest.mark.parametrize(
    ("platform", "card", "answers", "words"),
    [
        ("linux", None, True, ["--extra-index-url", "https://download.pytorch.org/whl/cpu"]),
        ("linux", None, False, []),
        ("linux", "/usr/bin/nvidia-smi", True, []),
        ("darwin", None, True, []),
    ],
)
def test_cuda_comes_with_a_card_only(setup, monkeypatch, platform, card, answers, words):
    def urlopen(address, timeout):
        if not answers:
            raise OSError("no network")
        return SimpleNamespace(close=lambda: None)

    monkeypatch.setattr(setup.sys, "platform", platform)
    monkeypatch.setattr(setup.shutil, "which", lambda _: card)
    monkeypatch.setattr(setup.Path, "exists", lambda _: False)
    monkeypatch.setattr(setup.urllib.request, "urlopen", urlopen)
    assert setup.torch_words() == words


def test_the_words_of_pip_become_one_line(setup, capsys):
    lines = ["  Downloading ruff-0.17.6-x.whl (10.0 MB)", "Progress 10000000 of 10000000"]
    lines += ["  Downloading torch-2.13.0-x.whl (190.0 MB)", "Progress 1000000 of 190000000"]
    lines += ["Progress 190000000 of 190000000", "  Downloading tqdm-4.70.1.whl.metadata (57 kB)"]
    lines += ["  Downloading numpy-2.4.6-x.whl (16.0 MB)", "Progress 8000000 of 16000000", ""]
    lines += ["Progress 16000000 of 16000000", "Installing collected packages: torch, numpy"]
    setup.follow(lines, live=True)
    shown = [line.strip() for line in capsys.readouterr().out.split("\r")]
    assert shown[2] == "11 MB fetched; now torch, 1 of 190 MB"
    assert shown[4] == "208 MB fetched; now numpy, 8 of 16 MB"
    assert shown[-1] == "216 MB fetched; unpacking 2 packages, about a minute"
    setup.follow(lines, live=False)
    assert len(capsys.readouterr().out.splitlines()) == 1
