"""The shipped data are what they claim to be; windows and folds never let the future into the past."""

import re
import shutil

import pytest
import torch

from lstm_lib import datasets
from lstm_lib.datasets import DATA, SHA256, load_digits, load_sunspots, rolling_origin, windows


def test_digits():
    x, y = load_digits()
    assert x.shape == (1797, 64, 1)
    assert x.dtype == torch.float64
    assert (x.min(), x.max()) == (0, 1)
    assert y.dtype == torch.int64
    assert y.bincount().tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert y[:10].tolist() == list(range(10))


def test_sunspots():
    values, years = load_sunspots()
    assert values.shape == years.shape == (3120,)
    assert (years[0].item(), round(years[-1].item(), 3)) == (1749.0, 2008.917)
    assert values[0] == 58.0
    assert values[years == 1957.75].item() == 253.8  # October 1957, the highest month of version 1
    assert values.argmax() == (years == 1957.75).nonzero()


def test_every_file_has_its_source_licence_and_checksum_beside_it_and_is_small():
    text = (DATA / "SOURCES.md").read_text()
    sections = dict(re.findall(r"## (\S+)\n(.*?)(?=\n## |\Z)", text, re.S))
    shipped = {p.name for p in DATA.iterdir()} - {"SOURCES.md"}
    assert set(SHA256) <= shipped
    for name in shipped:
        assert (DATA / name).stat().st_size < 200_000
    for name, checksum in SHA256.items():
        for word in ("- What:", "- Source:", "- Licence:", f"- SHA-256: `{checksum}`"):
            assert word in sections[name]


@pytest.mark.parametrize(("name", "load"), [("digits.csv.gz", load_digits), ("sunspots.csv", load_sunspots)])
def test_a_damaged_file_is_refused(name, load, tmp_path, monkeypatch):
    shutil.copytree(DATA, tmp_path, dirs_exist_ok=True)
    content = bytearray((tmp_path / name).read_bytes())
    content[100] ^= 1
    (tmp_path / name).write_bytes(content)
    monkeypatch.setattr(datasets, "DATA", tmp_path)
    with pytest.raises(ValueError, match=f"{name}: expected SHA-256"):
        load()


@pytest.mark.parametrize(("length", "horizon"), [(4, 1), (3, 5), (1, 1), (15, 5)])
def test_windows_are_pieces_of_the_series_and_the_value_horizon_steps_later(length, horizon):
    series = torch.arange(20.0)
    x, y = windows(series, length, horizon)
    assert x.shape == (20 - length - horizon + 1, length, 1)
    for k in range(len(x)):
        assert x[k, :, 0].tolist() == list(range(k, k + length))
        assert y[k].item() == k + length - 1 + horizon


def test_windows_do_not_share_memory_with_the_series():
    series = torch.arange(10.0)
    x, y = windows(series, 3, 1)
    series.zero_()
    assert x[-1, :, 0].tolist() == [6, 7, 8]
    assert y[-1].item() == 9


@pytest.mark.parametrize(("count", "horizon"), [(400, 1), (400, 12), (175, 1), (197, 12)])  # the last two just suffice
def test_no_fold_trains_on_what_its_first_test_window_cannot_know(count, horizon):
    x, y = windows(torch.arange(float(count)), 24, horizon)
    folds = rolling_origin(len(x), folds=3, test_size=50, gap=horizon)
    assert len(folds[0].train) == count - 174 - 2 * horizon + 2
    for fold in folds:
        assert len(fold.test) == 50
        now = x[fold.test.start, -1].item()  # the last value known when the first forecast is made
        assert y[list(fold.train)].max() == now
    tests = [k for fold in folds for k in fold.test]
    assert tests == list(range(len(x) - 150, len(x)))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: windows([1.0, 2.0], 1, 1), TypeError, "series: expected a float tensor.*got list"),
        (lambda: windows(torch.arange(9), 1, 1), TypeError, "series: expected a float tensor, got dtype torch.int64"),
        (lambda: windows(torch.zeros(9, 1), 1, 1), ValueError, r"series: expected shape \(N,\), got \(9, 1\)"),
        (lambda: windows(torch.zeros(9), 8, 2), ValueError, "at least length.*10 values, got 9"),
        (lambda: windows(torch.zeros(9), 0, 2), ValueError, "length: expected a whole number of at least 1, got 0"),
        (lambda: rolling_origin(99, 2, 50, 1), ValueError, "count: expected at least .* 101 windows, got 99"),
        (lambda: rolling_origin(99, 0, 50, 1), ValueError, "folds: expected a whole number of at least 1, got 0"),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
