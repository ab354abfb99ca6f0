"""Files as strangers write them are read right, or refused with the file, the line, what came and what was expected."""

import csv
import io
import itertools
import math

import pytest
import torch

from lstm_lib.datasets import DATA, load_sunspots
from lstm_lib.own import read_series, read_text

VALUES = [12.5, -3.0, 0.25, 1250.0, 7.0]
DATES = ["2024-01-05", "2024-01-06", "2024-01-07", "2024-01-08", "2024-01-09"]


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a file of the given content and returns its path."""

    def write(content, name="my.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def _as_csv(delimiter, decimal, header, labels, ends, quotes):
    out = io.StringIO()
    style = csv.QUOTE_ALL if quotes else csv.QUOTE_MINIMAL
    writer = csv.writer(out, delimiter=delimiter, lineterminator=ends, quoting=style)
    if header:
        writer.writerow(["day", "the price, in €"] if labels else ["the price, in €"])
    for date, value in zip(DATES, VALUES, strict=True):
        cell = str(value).replace(".", decimal)
        writer.writerow([date, cell] if labels else [cell])
    return out.getvalue()


BOTH = (True, False)
FORMATS = list(itertools.product((",", ";", "\t", "|"), ".,", BOTH, BOTH, ("\n", "\r\n", "\r"), BOTH))


@pytest.mark.parametrize(("delimiter", "decimal", "header", "labels", "ends", "quotes"), FORMATS)
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["", "bom"])
def test_every_mix_of_formats_gives_the_same_numbers(write, delimiter, decimal, header, labels, ends, quotes, mark):
    path = write(mark + _as_csv(delimiter, decimal, header, labels, ends, quotes))
    known = {"delimiter": ","} if (delimiter, decimal) == (",", ",") else {}  # a comma for both can't be found out
    series = read_series(path, decimal=decimal, **known)
    assert series.values.tolist() == VALUES
    assert series.values.dtype == torch.float64
    assert series.labels == (DATES if labels else [str(k + 1 + header) for k in range(5)])
    assert series.name == ("the price, in €" if header else f"column {int(labels)}")
    assert series.filled == []


def test_the_courses_own_file_is_read_like_the_library_reads_it():
    series = read_series(DATA / "sunspots.csv")
    assert torch.equal(series.values, load_sunspots().values)
    assert series.name == "sunspots"
    assert (series.labels[0], series.labels[-1]) == ("1749-01", "2008-12")


RISING = [
    ("2024-01", "2024-02"),
    ("2024-01-01 9:00", "2024-01-01 10:00"),
    ("31.12.2023", "01.01.2024"),
    ("31.01.2024", "01.02.2024"),
    ("1/31/2024", "2/28/2024"),
    ("9/30/2024", "10/1/2024"),
    ("1/9/2024", "1/10/2024"),
    ("28.03.24", "29.03.24"),
    ("03/28/24", "03/29/24"),
    ("19-Sep-03", "20-Sep-03"),
    ("28-Dec-99", "3-Jan-00"),
    ("28 Mar 2024", "1 Apr 2024"),
    ("Dec 28, 2023", "Jan 3, 2024"),
    ("2024.03.28", "2024.03.29"),
    ("2024M03", "2024M04"),
    ("2024-W13", "2024-W14"),
    ("2024-Q1", "2024-Q2"),
    ("2023Q4", "2024Q1"),
    ("03/2024", "04/2024"),
    ("12/2023", "01/2024"),
    ("28.03.2024 13:00", "28.03.2024 14:00"),
    ("3/28/2024 11:00 AM", "3/28/2024 1:00 PM"),
    ("1/2/2024 11:00 AM", "1/2/2024 1:00 PM"),
]


@pytest.mark.parametrize(("early", "late"), RISING)
def test_dates_may_rise_and_not_fall(write, early, late):
    series = read_series(write(f"d;x\n{early};1\n{late};2\n"))
    assert (series.values.tolist(), series.labels) == ([1, 2], [early, late])
    with pytest.raises(ValueError) as caught:
        read_series(write(f"d;x\n{late};1\n{early};2\n"))
    expected = f"my.csv, line 3: expected dates that rise, oldest first, got {early!r} after {late!r}; sort"
    assert str(caught.value).startswith(expected)


SEASONS = [f"20{k:02}/{k + 1:02}" for k in range(9, 23)]  # no months, though the first ones might be
CLOCKS = ["2024-10-27T02:30+02:00", "2024-10-27T02:00+01:00"]  # put back in between


@pytest.mark.parametrize(
    ("content", "options", "values", "labels"),
    [
        ("year  price\n2023   1.5\n2024   2.5\n", {"column": "price"}, [1.5, 2.5], ["2023", "2024"]),
        ("1,2\n3,5\n", {"column": 1}, [2, 5], ["1", "3"]),
        ("# from a shop, 2024\n\nx\n1\n2\n", {}, [1, 2], ["4", "5"]),
        ("no;x\n#1;1\n#2;2\n", {}, [1, 2], ["#1", "#2"]),
        ("d,x\na,1\n\nb,2\n,\n,\n", {}, [1, 2], ["a", "b"]),
        ("2024-01-01 12:00;1\n2024-01-01 13:00;2\n", {}, [1, 2], ["2024-01-01 12:00", "2024-01-01 13:00"]),
        ("x,why\n1,rain\n2,sun\n", {}, [1, 2], ["2", "3"]),
        ("x\n1e3\n+.5\n-2.\n", {}, [1000, 0.5, -2], ["2", "3", "4"]),
        ("n:x\n1:2\n2:3\n", {"delimiter": ":", "column": "x"}, [2, 3], ["1", "2"]),
        ("d,x\na,1,\nb,2,\n", {}, [1, 2], ["a", "b"]),
        ("d;x;\na;1;\nb;2;\n", {}, [1, 2], ["a", "b"]),
        ("sep=;\r\nd;x\r\na;1\r\nb;2\r\n", {}, [1, 2], ["a", "b"]),
        ("d;x\na;1.250\nb;2.500\n", {"decimal": "."}, [1.25, 2.5], ["a", "b"]),
        ("d;x\na;0.250\nb;2.500\n", {}, [0.25, 2.5], ["a", "b"]),
        ('d,x\n"one\ntwo",1\nthree,2\n', {}, [1, 2], ["one\ntwo", "three"]),
        ("d,x\n24-03-28,1\n24-04-01,2\n", {}, [1, 2], ["24-03-28", "24-04-01"]),
        (f"d,x\n{CLOCKS[0]},1\n{CLOCKS[1]},2\n", {}, [1, 2], CLOCKS),
        ("d,x\n" + "".join(f"{season},{season[3]}\n" for season in SEASONS), {}, [9, *range(10), *range(3)], SEASONS),
        ("Month,2023\nJan,12\nFeb,13\n", {}, [12, 13], ["Jan", "Feb"]),
        ("2023\n12\n13\n", {}, [12, 13], ["2", "3"]),
        ("Jan,1999\nFeb,2001\n", {}, [1999, 2001], ["Jan", "Feb"]),
        ("a;5.2;start\nb;5.3;\nc;5.4;17\n", {"column": 1}, [5.2, 5.3, 5.4], ["a", "b", "c"]),
        ("d,x\na,\u22125.5\nb,2\n", {}, [-5.5, 2], ["a", "b"]),
        ("d,x,,\na,1\nb,2\n", {}, [1, 2], ["a", "b"]),
        ("PKW;x\na;1\nb;2\n", {}, [1, 2], ["a", "b"]),
    ],
)
def test_odd_files_are_read(write, content, options, values, labels):
    series = read_series(write(content), **options)
    assert (series.values.tolist(), series.labels) == (values, labels)


@pytest.mark.parametrize("gap", ["", " ", "NA", "n/a", "NaN", "null", "None", "-", "?"])
def test_a_missing_value_is_refused_by_line_or_replaced_by_the_one_before(write, gap):
    path = write(f"d,x\na,1\nb,{gap}\nc,3\nd,{gap}\n")
    with pytest.raises(ValueError, match="my.csv, column 'x': expected a number in every line, got none in line 3, 5;"):
        read_series(path)
    series = read_series(path, missing="previous")
    assert (series.values.tolist(), series.filled) == ([1, 1, 3, 3], [3, 5])


def test_an_empty_line_is_a_gap_where_there_is_one_column_only(write):
    path = write("1\n\n3\n\n")
    with pytest.raises(ValueError, match="got none in line 2"):
        read_series(path)
    assert read_series(path, missing="previous").values.tolist() == [1, 1, 3]


COMMA = "if the comma is a decimal comma, pass decimal=','; if it separates thousands, remove it"
POINT = "with decimal=',' the point can't be the decimal sign; if it separates thousands, remove it"
GROUPS = "remove the thousands separators"
WITH_UNITS = "Year,rate\n1990,9.8 %\n1991,9.7 %\n1992,9.3 %\n1993,9.0 %\n"
FALLING_YEARS = "y,x\n2024,1\n2023,2\n2022,5\n"
SEVERAL = "s,d,x\nA,2024-01,1\nA,2024-02,2\nB,2024-01,3\n"
LATE_GAP = "k,x\n" + "".join(f"{k},{'' if k == 4321 else math.sin(k)}\n" for k in range(5000))
REFUSED = [  # each message after the name of the file, or after dots a part of it
    ("", {}, "expected rows of numbers, got an empty file"),
    ("\n \n", {}, "expected rows of numbers, got an empty file"),
    ("name\nann\nbob\n", {}, "line 3: expected a column of numbers, got none ('column 0': 'bob'); take units"),
    ("d,x\na,1 kg\nb,2 kg\n", {}, "line 3: expected a column of numbers, got none ('column 0': 'b', 'column 1'"),
    ("d,x\na,1\nb,2,9\nc,3\n", {}, "line 3: expected 2 cells as in most lines, got 3: 'b,2,9', delimiter ','; a"),
    ("d,x\na,1\nb\nc,3\n", {}, "line 3: expected 2 cells as in most lines, got 1: 'b', delimiter ','; add"),
    ("Export\nd;x\na;1\nb;2\n", {}, "line 1: expected 2 cells as in most lines, got 1: 'Export', delimiter ';'"),
    ("x\n1\ntwo\n3\n4\n", {}, "line 3, column 'x': expected a number, got 'two'; correct the cell, or leave it empty"),
    ("x\n1\n2 kg\n3\n4\n", {}, "line 3, column 'x': expected a number, got '2 kg'"),
    ("x\n1\ninf\n", {}, "line 3, column 'x': expected a finite number, got 'inf'"),
    ("x\n1\n-Infinity\n", {}, "line 3, column 'x': expected a finite number, got '-Infinity'"),
    ("x\n1\n1e999\n", {}, "line 3, column 'x': expected a finite number, got '1e999'"),
    ("x\n2\n2\n2\n", {}, "column 'x': expected values that change, got 2.0, 2.0, 2.0"),
    ("x\n2\n", {}, "column 'x': expected values that change, got 2.0"),
    ("d;x\na;1,5\nb;2,5\n", {}, f"line 2, column 'x': expected a number, got '1,5'; {COMMA}"),
    ('d,x\na,"1,250"\nb,"2,500"\n', {}, f"line 2, column 'x': expected a number, got '1,250'; {COMMA}"),
    ('x\n"1,250.5"\n"2,500.5"\n', {}, f"line 2, column 'x': expected a number, got '1,250.5'; {GROUPS}"),
    ("x;y\n1.250,5;a\n", {"decimal": ","}, f"line 2, column 'x': expected a number, got '1.250,5'; {GROUPS}"),
    ("x;y\n1.250;a\n", {"decimal": ","}, f"line 2, column 'x': expected a number, got '1.250'; {POINT}"),
    ("x;y\n1 250;a\n2;b\n", {}, f"line 2, column 'x': expected a number, got '1 250'; {GROUPS}"),
    ("x;y\n1;a\n1.250;b\n2.500;c\n", {}, "line 3, column 'x': expected a number without doubt, got '1.250'; if the"),
    ("d,x\na,\u22121.250\n", {}, "line 2, column 'x': expected a number without doubt, got '-1.250'; if the point"),
    ("d,x,x\na,1,2\nb,3,4\n", {}, "expected one column of numbers, got 2; pass column=, one of 1, 2"),
    ("x,x\n1,2\n3,4\n", {"column": "x"}, "... or 0 to 1, got 'x'; that name stands twice, pass the position"),
    ("3,5\n4,2\n", {}, "...got 2; pass column=, one of 'column 0', 'column 1'; if the commas are decimal commas"),
    ("preis\n12,5\n13,5\n14,5\n15\n", {}, "...if the commas are decimal commas, pass decimal=','"),
    ("year,x\n2023,1.5\n2024,2\n", {}, "expected one column of numbers, got 2; pass column=, one of 'year', 'x'"),
    ("a,b\n1,2\n", {"column": "c"}, "expected column to be one of 'a', 'b' or 0 to 1, got 'c'"),
    ("a,b\n1,2\n", {"column": 2}, "expected column to be one of 'a', 'b' or 0 to 1, got 2"),
    ("a,b\n1,2\n", {"column": True}, "expected column to be one of 'a', 'b' or 0 to 1, got True"),
    (FALLING_YEARS, {"column": "x"}, "line 3: expected rows that rise, oldest first, got '2023' after"),
    (",d,x\n0,2024-02-01,1.5\n1,2024-01-01,2.7\n", {"column": "x"}, "line 3: expected dates that rise, oldest first"),
    (SEVERAL, {}, "line 4: expected dates that rise, oldest first, got '2024-01' after '2024-02'; sort the file, or"),
    (WITH_UNITS, {}, "...got 'Year', which counts the rows, and 'rate' with '9.8 %'; take units and signs such as %"),
    ("d,x\na,1\nSumme:,3\nb,2\n", {}, "line 3: expected a row of the series, got 'Summe:'; take out a line"),
    ("d,x\n2024-01,1\n2024-02,2\nTotal,3\n", {}, "line 4: expected a row of the series, got 'Total'; take"),
    ("d,x\n2024-01,1\n1.2.2024,2\n", {}, "line 3: expected a date written as in most lines, got '1.2.2024'; write"),
    ("d,x\n1/13/2024,1\n14/1/2024,2\n1/15/2024,3\n", {}, "line 3: expected a date written as in most lines, got '14"),
    ("x\nNA\n1\n2\n", {"missing": "previous"}, "column 'x', line 2: expected a number to begin with, got a"),
    ("1\n" + "NA\n" * 20 + "2\n" * 30, {}, "...got none in line 2, 3, 4, 5, 6 and 15 more"),
    (LATE_GAP, {"column": "x"}, "...got none in line 4323"),
    ('d,x,n\na,1,"dividend\nb,2,\nc,3,\nd,4,"x"\n', {}, "...expected a closing quote before it, got one cell that"),
    ("x\n" + "7" * 140_000 + "\n", {}, "expected rows of cells, got field larger than field limit"),
    ('x\n"' + "1\n" * 100_000, {}, "expected rows of cells, got field larger than field limit"),
    (b"\x89PNG\r\n\x1a\n\0\0", {}, "expected plain text, got a picture; export it"),
    (b"\xd0\xcf\x11\xe0\0\0", {}, "expected plain text, got an old Excel or Word file"),
    (b"PK\x03\x04", {}, "expected plain text, got an Excel or zip file; export it as CSV or text first"),
    ("x;y\n1;\u00e4\n".encode("utf-16-le"), {}, "expected plain text, got a binary file or UTF-16; save it"),
    ("x\n1\n2\n".encode("utf-16-le"), {}, "expected plain text, got a binary file or UTF-16"),
    ("x\n1\n2\n".encode("utf-16"), {}, "line 1: expected UTF-8, got UTF-16; save the file as UTF-8"),
    ("Größe\n1\n2\n".encode("latin-1"), {}, "line 1: expected UTF-8, got the byte 0xf6; save the file as UTF-8"),
    ("x\n1\n", {"decimal": "'"}, "...decimal: expected '.' or ',', got \"'\""),
    ("x\n1\n", {"missing": "mean"}, "...missing: expected 'refuse' or 'previous', got 'mean'"),
    ("x\n1\n", {"delimiter": ";;"}, "...delimiter: expected one character, got ';;'"),
]


@pytest.mark.parametrize(("content", "options", "message"), REFUSED)
def test_a_bad_file_is_refused_in_words(write, content, options, message):
    with pytest.raises(ValueError) as caught:
        read_series(write(content), **options)
    start = "my.csv: " if message.startswith("expected") else "my.csv, "
    if message.startswith("..."):
        assert message[3:] in str(caught.value)
    else:
        assert str(caught.value).startswith(start + message)


@pytest.mark.parametrize("read", [read_series, read_text])
def test_a_directory_and_a_file_that_is_not_there_are_named(read, tmp_path):
    with pytest.raises(ValueError, match="expected a file, got a directory"):
        read(tmp_path)
    with pytest.raises(ValueError, match=r"gone.csv: expected a file in .*, got none of this name"):
        read(tmp_path / "gone.csv")


def test_a_text_has_newlines_only_and_no_mark(write):
    assert read_text(write("\ufeffone\r\ntwo\rthree\n", "my.txt")) == "one\ntwo\nthree"
    with pytest.raises(ValueError, match="my.txt: expected a text, got an empty file"):
        read_text(write(" \n", "my.txt"))
