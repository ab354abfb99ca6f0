"""Lists, arrays, tensors and columns of pandas are taken as they are, or refused with the name of the argument."""

import math

import numpy as np
import pytest
import torch

from lstm_lib.own import read_series, split_in_time

WAVE = np.sin(np.arange(300.0))
DAYS = [str(day) for day in np.arange(np.datetime64("2024-01-01"), np.datetime64("2024-01-01") + 300)]
MASK = np.arange(300) == 7
NEWEST_FIRST = "line 1: expected rows that rise, oldest first, got '2024-10-25' after '2024-10-26'"


class Frame:
    """What a column of a pandas DataFrame has of interest here, or a DataFrame."""

    def __init__(self, values, index):
        self.values, self.index, self.name = values, index, "x"

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype=dtype)


@pytest.mark.parametrize("decimal", [None, ".", ","])
@pytest.mark.parametrize("kind", [list, np.array, torch.tensor, lambda values: Frame(values, DAYS[:3])])
@pytest.mark.parametrize("values", [[1.234, 5.678, 2.345], [1.234e-05, 2.5e-05, 3e-05], [1.5, 2.25, 2.345]])
def test_numbers_are_never_in_doubt(values, kind, decimal):
    expected = torch.tensor(values).double().tolist() if kind is torch.tensor else values
    series = read_series(kind(values), decimal=decimal)
    assert series.values.tolist() == expected
    assert "decimal commas" not in series.understood


def test_text_in_a_list_is_read_like_a_file():
    assert read_series(["1,5", " 2,25"]).values.tolist() == [1.5, 2.25]
    assert read_series(["1.234", "2.345"], decimal=",").values.tolist() == [1234, 2345]
    with pytest.raises(ValueError, match="source, line 0, column 'values': expected a number without doubt, got '1.23"):
        read_series(["1.234", "2.345"])
    for mixed in ([1.234, "5,6"], ["5,6", 1.234]):
        with pytest.raises(TypeError, match="source: expected numbers, got numbers and text"):
            read_series(mixed)


@pytest.mark.parametrize("kind", [float, int])
def test_what_is_masked_is_missing(kind):
    masked = np.ma.array([5, 2, -99, 4], mask=[0, 0, 1, 0], dtype=kind)
    with pytest.raises(ValueError, match="got none in line 2; fill them in"):
        read_series(masked)
    assert read_series(masked, missing="previous").values.tolist() == [5, 2, 2, 4]
    with pytest.raises(ValueError, match=r"series: expected finite numbers, got nan at index \[7\]"):
        split_in_time(np.ma.array(100 * WAVE, mask=MASK, dtype=kind), 5, 1)
    assert split_in_time(np.ma.array(WAVE, mask=False), 5, 1).series.tolist() == WAVE[:, None].tolist()


def test_a_column_of_pandas_in_another_order_is_refused_wherever_it_goes():
    columns = [WAVE, np.column_stack([WAVE, WAVE**2])]
    for values in columns:
        assert len(split_in_time(Frame(values, DAYS), 5, 1).series) == 300
        with pytest.raises(ValueError, match=rf"^series, {NEWEST_FIRST}.*read_series.*to_numpy\(\)"):
            split_in_time(Frame(values, DAYS[::-1]), 5, 1)
    with pytest.raises(ValueError, match=f"^source, {NEWEST_FIRST}"):
        read_series(Frame(WAVE, DAYS[::-1]))
    for index, said in ((DAYS[7:] + DAYS[:7], "rows that rise"), ([*DAYS[:-1], DAYS[-2]], "a time of its own")):
        with pytest.raises(ValueError, match=said):
            split_in_time(Frame(WAVE, index), 5, 1)


def test_a_tensor_is_data_whatever_computes_with_it():
    tensor = torch.tensor(WAVE, requires_grad=True)
    assert read_series(tensor).values.tolist() == WAVE.tolist()
    assert not split_in_time(tensor, 5, 1).train.x.requires_grad
    for half in (torch.float16, torch.bfloat16):
        assert read_series(torch.tensor([1.5, 2.25], dtype=half)).values.tolist() == [1.5, 2.25]


@pytest.mark.parametrize("horizon", [np.int64(3), torch.tensor(3), np.array([3]), [np.int32(3)], range(3, 4)])
def test_a_whole_number_of_numpy_is_one(horizon):
    assert split_in_time(WAVE, 5, horizon).horizons == (3,)


def test_a_position_of_numpy_is_one(tmp_path):
    (tmp_path / "my.csv").write_text("t,x\n1.5,5\n2.5,7\n")
    series = read_series(tmp_path / "my.csv", np.int64(1), inputs=[np.int64(0)], absent=np.int64(-999))
    assert (series.name, series.inputs.tolist()) == ("x", [[1.5], [2.5]])


WHOLE = "horizon: expected a whole number of at least 1, got "
REFUSED = [
    (lambda: split_in_time(WAVE, 5, None), TypeError, WHOLE + "None"),
    (lambda: split_in_time(WAVE, 5, b"12"), TypeError, WHOLE + "b'12'"),
    (lambda: split_in_time(WAVE, 5, "12"), TypeError, WHOLE + "'12'"),
    (lambda: split_in_time(WAVE, 5, {1, 2}), TypeError, WHOLE + "{1, 2} .set"),
    (lambda: split_in_time([[1, 2], [3]], 5, 1), ValueError, "series: expected numbers, as many in each row, got list"),
    (lambda: split_in_time(torch.tensor(WAVE).half(), 5, 1), TypeError, "series: expected float32 or float64, got"),
    (lambda: read_series([[1, 2], [3]]), ValueError, "source: expected numbers, as many in each row, got list"),
    (lambda: read_series(np.array(DAYS, "datetime64[ns]")), TypeError, "source: expected numbers, got ndarray of date"),
    (lambda: read_series([b"1.5", b"2.5"]), TypeError, "source: expected numbers, got list of .S3"),
    (lambda: read_series([1 + 2j, 3]), TypeError, "source: expected numbers, got list of complex"),
    (
        lambda: read_series(Frame(WAVE, DAYS), inputs=[Frame(WAVE, DAYS)]),
        ValueError,
        "source: .* inputs .* got Frame; ",
    ),
    (lambda: read_series([1, math.inf]), ValueError, "source, line 1, column 'values': expected a finite number"),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSED)
def test_what_is_no_series_is_refused_by_the_name_of_the_argument(call, error, message):
    with pytest.raises(error, match="^" + message):
        call()


@pytest.mark.parametrize("argument", ["inputs", "dates"])
@pytest.mark.parametrize("value", [{"a"}, frozenset("a"), np.array(["a"]), ["b"], False, [None]])
def test_columns_are_asked_for_by_name_in_an_order(tmp_path, argument, value):
    (tmp_path / "my.csv").write_text("a,x\n1,5\n2,7\n")
    with pytest.raises(ValueError, match=f"^my.csv: expected {argument} to be one of 'a', 'x' or 0 to 1, got "):
        read_series(tmp_path / "my.csv", "x", **{argument: value})
