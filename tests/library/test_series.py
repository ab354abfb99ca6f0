"""Files as strangers write them are read right, or refused with the file, the line, what came and what was expected."""

import contextlib
import csv
import io
import itertools
import math
import time

import numpy as np
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
    ("20240131", "20240201"),
    ("202352", "202401"),
    ("2024年1月9日", "2024年1月10日 星期三"),
    ("2023年12月", "2024年1月"),
    ("Dec-23", "Jan-24"),
    ("24-Jan", "24-Feb"),
    ("12/23", "01/24"),
    ("Q4 2023", "Q1 2024"),
    ("4Q23", "1Q24"),
    ("31. Dezember 2023", "1. Januar 2024"),
    ("28. Feb. 2024", "1. März 2024"),
    ("9 janvier 2024", "1 févr. 2024"),
    ("31 de enero de 2024", "1 de febrero de 2024"),
    ("Mo, 29.01.2024", "Do, 01.02.2024"),
    ("Mon, Jan 29, 2024", "Thu, Feb 1, 2024"),
    ("Monday 29 January 2024", "Thursday 1 February 2024"),
    ("2024. 1. 31.", "2024. 2. 1."),
    ("2024-Jan-31", "2024-Feb-01"),
    ("2023 KW 52", "2024 KW 1"),
    ("2024-01-31T09:00:00.5Z", "2024-01-31T09:00:01Z"),
    ("Week 9", "Week 10"),
    ("2009/10", "2010/11"),
    ("Sep", "Oct"),
    ("Montag", "Dienstag"),
    ("星期一", "星期二"),
]


@pytest.mark.parametrize(("early", "late"), RISING)
def test_dates_may_rise_and_not_fall(write, early, late):
    series = read_series(write(f"d;x\n{early};1\n{late};2\n"))
    assert (series.values.tolist(), series.labels) == ([1, 2], [early, late])
    path = write(f"d;x\n{late};1\n{early};2\n")
    with pytest.raises(ValueError) as caught:
        read_series(path)
    expected = (
        f"my.csv, line 3: expected rows that rise, oldest first, got {early!r} after {late!r}; pass order='newest"
    )
    assert str(caught.value).startswith(expected)
    series = read_series(path, order="newest first")
    assert (series.values.tolist(), series.labels) == ([2, 1], [early, late])


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
        ("d,x\n24-03-28,1\n24-03-29,2\n24-04-01,3\n", {}, [1, 2, 3], ["24-03-28", "24-03-29", "24-04-01"]),
        (f"d,x\n{CLOCKS[0]},1\n{CLOCKS[1]},2\n", {}, [1, 2], CLOCKS),
        ("d,x\n" + "".join(f"{season},{season[3]}\n" for season in SEASONS), {}, [9, *range(10), *range(3)], SEASONS),
        ("Month,2023\nJan,12\nFeb,13\n", {}, [12, 13], ["Jan", "Feb"]),
        ("2023\n12\n13\n", {}, [12, 13], ["2", "3"]),
        ("Jan,1999\nFeb,2001\n", {}, [1999, 2001], ["Jan", "Feb"]),
        ("a;5.2;start\nb;5.3;\nc;5.4;17\n", {"column": 1}, [5.2, 5.3, 5.4], ["a", "b", "c"]),
        ("d,x\na,\u22125.5\nb,2\n", {}, [-5.5, 2], ["a", "b"]),
        ("d,x,,\na,1\nb,2\n", {}, [1, 2], ["a", "b"]),
        ("PKW;x\na;1\nb;2\n", {}, [1, 2], ["a", "b"]),
        ("d,x\na,1 kg\nb,2 kg\n", {}, [1, 2], ["a", "b"]),
        ("Export\nd;x\na;1\nb;2\n", {}, [1, 2], ["a", "b"]),
        ("d;x\na;1,5\nb;2,5\n", {}, [1.5, 2.5], ["a", "b"]),
        ('x\n"1,250.5"\n"2,500.5"\n', {}, [1250.5, 2500.5], ["2", "3"]),
        ('d,x\na,"1,250"\nb,"2,500"\n', {"decimal": "."}, [1250, 2500], ["a", "b"]),
        ('d,x\na,"1,250"\nb,"2,500"\n', {"decimal": ","}, [1.25, 2.5], ["a", "b"]),
        ("x;y\n1.250,5;a\n2,5;b\n", {}, [1250.5, 2.5], ["2", "3"]),
        ("x;y\n1.250;a\n2,5;b\n", {"decimal": ","}, [1250, 2.5], ["2", "3"]),
        ("x;y\n1 250;a\n2;b\n", {}, [1250, 2], ["2", "3"]),
        ("x;y\n1.234.567;a\n2.345;b\n", {}, [1234567, 2345], ["2", "3"]),
        ("year,x\n2023,1.5\n2024,2\n", {}, [1.5, 2], ["2023", "2024"]),
        ("Year,rate\n1990,9.8 %\n1991,9.7 %\n1992,9.3 %\n", {}, [9.8, 9.7, 9.3], ["1990", "1991", "1992"]),
        ("m,x\n11.2023,1\n12.2023,2\n01.2024,3\n", {"column": "x"}, [1, 2, 3], ["11.2023", "12.2023", "01.2024"]),
        ("d,x\na,950\nb,1.2K\nc,3M\n", {}, [950, 1200, 3e6], ["a", "b", "c"]),
        ("d,x\na,-$5\nb,$1.5\n", {}, [-5, 1.5], ["a", "b"]),
        ("x\nNA\n1\n2\n", {"missing": "previous"}, [1, 2], ["3", "4"]),
        ("x\n1\n2\n".encode("utf-16"), {}, [1, 2], ["2", "3"]),
        (
            "day,hour,x\n2024-01-01,22,1\n2024-01-01,23,2\n",
            {"column": "x", "dates": ("day", "hour")},
            [1, 2],
            ["2024-01-01 22", "2024-01-01 23"],
        ),
        (
            "y,m,d,x\n2023,12,31,1\n2024,1,1,2\n",
            {"column": "x", "dates": ("y", "m", "d")},
            [1, 2],
            ["2023-12-31", "2024-1-1"],
        ),
        (
            "Date;Time;x\n10/03/2004;18.00.00;1,5\n10/03/2004;19.00.00;2\n",
            {},
            [1.5, 2],
            ["10/03/2004 18.00.00", "10/03/2004 19.00.00"],
        ),
        ("left,x\n3,1\n2,5\n1,7\n", {"column": "x", "order": "oldest first"}, [1, 5, 7], ["3", "2", "1"]),
        (
            "Report\nof 2024\n\nName,Code,2021,2022,2023\nA,a,1,2,5\nB,b,3,4,6\n",
            {"item": "B"},
            [3, 4, 6],
            ["2021", "2022", "2023"],
        ),
        (
            "s,p,d,x\nA,u,2024-01,1\nA,v,2024-01,2\nB,u,2024-01,3\nA,u,2024-02,4\n",
            {"item": ("A", "u")},
            [1, 4],
            ["2024-01", "2024-02"],
        ),
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


FALLING_YEARS = "y,x\n2024,1\n2023,2\n2022,5\n"
SEVERAL = "s,d,x\nA,2024-01,1\nA,2024-02,2\nB,2024-01,3\n"
LATE_GAP = "k,x\n" + "".join(f"{k},{'' if k == 4321 else math.sin(k)}\n" for k in range(5000))
DAYS = [f"2024-01-{day:02}" for day in range(1, 29)]
WAVE = [round(11.5 + math.sin(k), 2) for k in range(28)]


def _file(rows, head="d,x"):
    return "\n".join([head, *(",".join(map(str, row)) for row in rows)]) + "\n"


REFUSED = [  # each message after the name of the file, or after dots a part of it
    ("", {}, "expected rows of numbers, got an empty file"),
    ("\n \n", {}, "expected rows of numbers, got an empty file"),
    ("name\nann\nbob\n", {}, "line 3: expected a column of numbers, got none ('column 0': 'bob')"),
    ("d,x\na,1\nb,2,9\nc,3\n", {}, "line 3: expected 2 cells as in most lines, got 3: 'b,2,9', delimiter ','; a"),
    ("d,x\na,1\nb\nc,3\n", {}, "line 3: expected 2 cells as in most lines, got 1: 'b', delimiter ','; add"),
    ("a;b\nd;x;y\na;1;2\nb;2;3\n", {}, "line 1: expected 3 cells as in most lines, got 2: 'a;b', delimiter ';'"),
    ("5\n1,2\n3,4\n", {"column": 1}, "line 1: expected 2 cells as in most lines, got 1: '5'"),
    ("x\n1\ntwo\n3\n4\n", {}, "line 3, column 'x': expected a number, got 'two'; correct the cell, or leave it empty"),
    ("x\n1\n2 kg\n3\n4\n", {}, "line 3, column 'x': expected a number, got '2 kg'"),
    ("x\n1\ninf\n", {}, "line 3, column 'x': expected a finite number, got 'inf'"),
    ("x\n1\n-Infinity\n", {}, "line 3, column 'x': expected a finite number, got '-Infinity'"),
    ("x\n1\n1e999\n", {}, "line 3, column 'x': expected a finite number, got '1e999'"),
    ("x\n2\n2\n2\n", {}, "column 'x': expected values that change, got 2.0, 2.0, 2.0"),
    ("x\n2\n", {}, "column 'x': expected values that change, got 2.0"),
    ("d;x\na;1,5\nb;2.5\n", {}, "column 'x': expected one decimal sign, got '2.5' and '1,5'; pass decimal=, and cor"),
    ("d;x\na;1,5\nb;2.5\n", {"decimal": "."}, "line 2, column 'x': expected a number with the decimal sign '.', got"),
    ('d,x\na,"1,250"\nb,"2,500"\n', {}, "line 2, column 'x': expected a number without doubt, got '1,250'; if the"),
    ("d;x\na;12,3,567\nb;2\nc;3\n", {}, "line 2, column 'x': expected a number, got '12,3,567'"),
    ("d,x\na,1 kg\nb,2 kg\nc,3 g\n", {}, "line 4, column 'x': expected a number with 'kg', got '3 g'; correct"),
    ("x;y\n1;a\n1.250;b\n2.500;c\n", {}, "line 3, column 'x': expected a number without doubt, got '1.250'; if the"),
    ("d,x\na,\u22121.250\n", {}, "line 2, column 'x': expected a number without doubt, got '\u22121.250'; if the"),
    ("d,x,x\na,1,2\nb,3,4\n", {}, "expected one column of numbers, got 2; pass column=, one of 1, 2"),
    ("x,x\n1,2\n3,4\n", {"column": "x"}, "... or 0 to 1, got 'x'; that name stands twice, pass the position"),
    ("3,5\n4,2\n", {}, "...got 2; pass column=, one of 'column 0', 'column 1'; if the commas are decimal commas"),
    ("preis\n12,5\n13,5\n14,5\n15\n", {}, "...if the commas are decimal commas, pass decimal=','"),
    ("u,x\n23,1.5\n24,2\n", {}, "expected one column of numbers, got 2; pass column=, one of 'u', 'x'"),
    (
        "id,day,x\n0,5th of Nov,1\n1,6th of Nov,2\n",
        {"column": "x"},
        "column 'day': expected dates in a form that is kn",
    ),
    ("d,x\n1/2/24,1\n2/1/24,2\n", {}, "column 'd': expected dates that can be read in one way, got '1/2/24' and"),
    ("a,b,x\n2024-01,2025-03,1\n2024-02,2025-02,2\n", {}, "expected dates that rise, got some that rise and some"),
    ("d,x\n2024-01,1\n2024-02,2\n", {"order": "newest first"}, "...order: expected None or 'oldest first', got 'new"),
    ("d,x\n2024-01,1\n2024-03,2\n2024-02,3\n", {}, "line 4: expected rows that rise, oldest first, got '2024-02'"),
    ("d,i,x\n2024-01,A,1\n2024-02,B,2\n", {"item": "C"}, "...item: expected a cell of my.csv, got 'C'; the whole"),
    ("d,i,j,x\n2024-01,A,B,1\n2024-02,B,A,2\n", {"item": "A"}, "...'A', which stands in 'i', 'j'"),
    ("a,b\n1,2\n", {"column": "c"}, "expected column to be one of 'a', 'b' or 0 to 1, got 'c'"),
    ("a,b\n1,2\n", {"column": 2}, "expected column to be one of 'a', 'b' or 0 to 1, got 2"),
    ("a,b\n1,2\n", {"column": True}, "expected column to be one of 'a', 'b' or 0 to 1, got True"),
    (FALLING_YEARS, {"column": "x"}, "line 3: expected rows that rise, oldest first, got '2023' after"),
    (",d,x\n0,2024-02-01,1.5\n1,2024-01-01,2.7\n", {"column": "x"}, "line 3: expected rows that rise, oldest first"),
    (SEVERAL, {}, "line 4: expected a time of its own for each row, got '2024-01' as in line 2; pass item= to keep"),
    ("d,x\na,1\nSumme:,3\nb,2\n", {}, "line 3: expected a row of the series, got 'Summe:'; take out a line"),
    ("d,x\n2024-01,1\n2024-02,2\nTotal,3\n", {}, "line 4: expected a row of the series, got 'Total'; take"),
    (
        _file([*zip(DAYS[:20], range(20), strict=True), ("Source: X", 1), ("Source: Y", 2)]),
        {},
        "line 22: expected a date written as in most lines, got 'Source: X'; write all dates alike, and take",
    ),
    ("d,x\n2024-01,1\n2024-02,1\n1.2.2024,2\n", {}, "line 4: expected a date written as in most lines, got '1.2.2"),
    ("d,x\n1/13/2024,1\n14/1/2024,2\n1/15/2024,3\n", {}, "line 3: expected a date written as in most lines, got '14"),
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
    ("x\n1\n2\n", {"encoding": "utf-99"}, "...encoding: expected the name of an encoding, such as 'gbk', got 'utf-99'"),
    ("Größe\n1\n2\n".encode("latin-1"), {}, "line 1: expected UTF-8, got the byte 0xf6; save the file as UTF-8"),
    ("x\n1\n", {"decimal": "'"}, "...decimal: expected None or '.' or ',', got \"'\""),
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


def test_the_line_says_what_was_understood(write, capsys):
    rows = list(zip(DAYS, WAVE, strict=True))
    series = read_series(write(_file(rows[:10] + rows[20:])))
    assert capsys.readouterr().out == series.understood + "\n"
    assert series.understood == (
        "my.csv, column 'x': 18 values, line 2 to 19, "
        "2024-01-01 to 2024-01-28, mostly 1 day apart, 11 days after line 11"
    )
    with_gaps = [(day, "" if k % 4 or k < 2 else value) for k, (day, value) in enumerate(rows)]
    said = read_series(write(_file(with_gaps)), missing="previous").understood
    assert "24 values, line 6 to 29" in said
    assert said.endswith("; 4 rows before the first value left out; 18 filled with the value before")
    said = read_series(write("A report\n" + _file(rows[::-1])), order="newest first").understood
    assert "line 30 to 3, 2024-01-01 to 2024-01-28, 1 day apart; turned round" in said
    assert said.endswith("; line 1 left out as a title")
    said = read_series(write("a;b\nx;$1,5\ny;$2,5\n")).understood
    assert said.endswith("no dates found: in the order of the file; with decimal commas; without '$'")
    several = write("x;y;z\n5;$1,5;1,5\n7;$9,5;9,5\n6;$2,5;2,5\n")
    said = read_series(several, "x", inputs=["y", "z"]).understood
    assert said.endswith("order of the file; with decimal commas in 'y', 'z'; without '$' in 'y'")
    assert read_series(several, "z", inputs=["y"]).understood.endswith("; with decimal commas; without '$' in 'y'")


def test_a_number_that_seems_to_stand_for_a_missing_value_is_asked_about(write):
    path = write(_file(zip(DAYS, [*WAVE[:9], -200, *WAVE[10:]], strict=True)))
    with pytest.raises(
        ValueError, match=r"values of one kind, got -200, the others lie from 10.5 to 12.49; .*absent=-200"
    ):
        read_series(path)
    assert read_series(path, absent=()).values[9] == -200
    with pytest.raises(ValueError, match="none in line 11;"):
        read_series(path, absent=-200)
    assert read_series(path, absent=[-200], missing="previous").values[9] == WAVE[8]
    for value in (40, -3.5, 99):  # a flood, a number that nobody makes up, one that isn't far enough from 12
        values = [*WAVE[:9], value, *WAVE[10:]]
        assert (value == 99) is (_refused(write(_file(zip(DAYS, values, strict=True)))) is not None)


def _refused(path):
    try:
        read_series(path)
    except ValueError as error:
        return str(error)
    return None


def test_rows_of_one_time_are_refused_or_the_first_is_kept(write):
    rows = list(zip(DAYS, WAVE, strict=True))
    path = write(_file([*rows[:5], rows[4], *rows[5:]]))
    with pytest.raises(
        ValueError, match="line 7: expected a time of its own for each row, got '2024-01-05' as in line 6"
    ):
        read_series(path)
    series = read_series(path, doubled="first")
    assert series.values.tolist() == WAVE
    assert series.understood.endswith("; 1 row of a time that came before left out")


def test_several_series_in_one_file_are_told_apart_by_an_item(write):
    both = [(day, name, value * factor) for day, value in zip(DAYS, WAVE, strict=True) for name, factor in
            (("A", 1), ("B", 100))]  # fmt: skip
    path = write(_file(both, "d,item,x"))
    with pytest.raises(ValueError, match="pass item= to keep one series, such as item='A' of column 'item'"):
        read_series(path)
    assert read_series(path, item="A").values.tolist() == WAVE
    fall = write(_file(((202402 - k // 2, "NS"[k % 2], k) for k in range(4)), "week,region,x"))
    with pytest.raises(ValueError, match="such as item='N' of column 'region'"):
        read_series(fall, column="x")
    with pytest.raises(ValueError, match="pass order='newest first'"):
        read_series(fall, column="x", item="S")
    assert read_series(fall, column="x", item="S", order="newest first").values.tolist() == [3, 1]


def test_dates_as_names_of_columns_are_turned_into_a_column(write):
    path = write("place,1/22/24,1/23/24,1/24/24\nA,1,2,4\nB,10,12,19\n")
    with pytest.raises(ValueError, match="dates as names of columns, such as '1/22/24'; pass item=.* such as 'A'"):
        read_series(path)
    series = read_series(path, item="B")
    assert (series.values.tolist(), series.name, series.labels[0]) == ([10, 12, 19], "B", "1/22/24")


def test_row_numbers_and_clocks_don_t_stand_in_the_way_of_dates(write):
    falling = _file(
        ((8 - k, day, value) for k, (day, value) in enumerate(zip(DAYS[:9], WAVE, strict=False))), ",Date,Close"
    )
    assert read_series(write(falling)).values.tolist() == WAVE[:9]
    times = ["01:00", "01:30", "02:00", "02:30", "02:00", "02:30", "03:00", "03:30"]
    back = _file((f"2024-10-27 {time}", value) for time, value in zip(times, WAVE, strict=False))
    series = read_series(write(back))
    assert series.values.tolist() == WAVE[:8]
    assert series.understood.endswith("30 minutes apart; clocks put back in line 6")
    twice = back.replace("03:00", "02:00").replace("03:30", "02:30")
    with pytest.raises(ValueError, match="expected a time of its own"):
        read_series(write(twice))


def test_a_row_count_that_rises_says_nothing_about_dates_that_fall(write):
    rows = [(k, f"202401{28 - k:02}", value) for k, value in enumerate(WAVE)]
    path = write(_file(rows, ",trade_date,close"))
    with pytest.raises(ValueError, match="got '20240127' after '20240128'; pass order='newest first'"):
        read_series(path)
    assert read_series(path, order="newest first").values.tolist() == WAVE[::-1]
    path = write(
        _file(
            ((k, day, value) for (k, _, value), (_, day, _) in zip(rows, rows[3::-1] + rows[4:], strict=True)),
            ",trade_date,close",
        )
    )
    with pytest.raises(ValueError, match="sort the file"):
        read_series(path)


UNIX = "id,timestamp,price\n" + "".join(f"{k},{1704067200 - 60 * k},{k * k}\n" for k in range(5))
HOURS = "date,hour,load\n" + "".join(f"202401{2 - k // 24:02},{23 - k % 24},{k * k}\n" for k in range(48))
COUNTRIES = "Entity,Code,Year,Population\n" + "".join(
    f"{c},{c[0]},{2000 + k},{k * k}\n" for c in ("Chad", "Peru") for k in range(4)
)
FEBRUARY = ["2024-02-28", "2024-02-29", "2024-02-30", "2024-03-01", "2024-03-02"]
GERMAN = [f"{day:02}.01.2024" for day in range(1, 29)]
IMPOSSIBLE = [  # (dates, the line of the first that there is not, what follows)
    (["2024-02-26", "2024-02-27", *FEBRUARY], 6, ": expected a date that exists, got '2024-02-30'; correct it"),
    ([f"{day}.02.2024" for day in range(25, 31)], 7, ": expected a date that exists, got '30.02.2024'"),
    ([f"202402{day}" for day in range(25, 31)], 7, ": expected a date that exists, got '20240230'"),
    ([f"2024-{month:02}" for month in range(9, 14)], 6, ": expected a date that exists, got '2024-13'"),
    ([f"2023-W{week}" for week in range(48, 54)], 7, ": expected a date that exists, got '2023-W53'"),
    ([f"2024-02-29 {hour}:00" for hour in range(20, 26)], 7, ": expected a date that exists, got '2024-02-29 25:00'"),
    (
        [f"2024-02-{day}" for day in range(26, 32)],
        6,
        ", column 'd': expected dates in one form, got '2024-02-30' after",
    ),
]
STRANGERS = [  # (content, options, values, a part of what is said), or values None: a part of the refusal
    (_file(zip(DAYS, [-1, 2, -9999, 4, -5, 6, 3, 8], strict=False)), {}, None, "pass absent=-9999"),
    (_file(zip(DAYS, [-1.9, 2, -200, 4, 5, 6], strict=False)), {}, None, "pass absent=-200"),
    (_file(zip(DAYS, [1.9, 2, 32767, 4, 5, 6], strict=False)), {}, None, "pass absent=32767"),
    (",0\n0,5.1\n1,5.3\n2,5.2\n", {}, [5.1, 5.3, 5.2], "column '0'"),
    ("0,1\n5.1,105.1\n5.3,107\n5.2,110\n", {"column": 1}, [105.1, 107, 110], "column '1'"),
    ("0,1\n1,5\n2,7\n", {"column": 1}, [1, 5, 7], "3 values"),
    (COUNTRIES, {"column": "Population"}, None, "pass item= to keep one series, such as item='Chad'"),
    (COUNTRIES, {"column": "Population", "item": "Peru"}, [0, 1, 4, 9], "2000 to 2003"),
    (UNIX, {"column": "price"}, None, "pass order='newest first'"),
    (UNIX, {"column": "price", "order": "newest first"}, [16, 9, 4, 1, 0], "1 minute apart"),
    (HOURS, {"column": "load", "dates": ("date", "hour")}, None, "pass order='newest first'"),
    (
        "y,w,x\n2024,30,1\n2024,29,2\n2023,52,5\n",
        {"column": "x", "dates": ("y", "w")},
        None,
        "pass order='newest first'",
    ),
    ("y,x\n2021,1\n2019,2\n2020,5\n", {"column": "x", "dates": "y"}, None, "sort the file"),
    ("d,x\nfifth,1\nsixth,2\n", {"dates": "d"}, None, "dates in a form that is known, got 'fifth'"),
    ("2024-01-01,3,5\n2024-01-02,3,7\n", {}, None, "pass column="),
    ("date,value\n2024-01-01,3,5\n2024-01-02,3,7\n", {}, None, "export the file with semicolons"),
    ("\ufeffx\n5.1\n5.2\n", {"encoding": "utf-8"}, [5.1, 5.2], "column 'x'"),
    (_file([*zip(DAYS[:6], WAVE, strict=False), ("05.01.2024", 3)]), {"order": "oldest first"}, None, ""),
    ("date,hour,x\n2024-01-01,0,1\n2024-01-01,1,2\n2024-01-02,0,5\n", {"column": "x"}, None, "dates=('date', 'hour')"),
    ("m,x\njan/24,1\nfev/24,2\nmar/24,5\n", {"order": "oldest first"}, [1, 2, 5], ""),
    ("d,x\n6 января 2024,1\n5 января 2024,2\n", {"order": "newest first"}, [2, 1], "turned round"),
    ("d,x\n01/12/2024,1\n02/11/2024,2\n03/10/2024,5\n", {}, None, "dates that can be read in one way"),
    ("d,x\n01/12/2024,1\n02/11/2024,2\n03/10/2024,5\n", {"order": "newest first"}, [5, 2, 1], "turned round"),
    ("sex,year,v\nMale,2001,1\nTotal,2001,2\nMale,2002,3\nTotal,2002,5\n", {"item": "Total"}, [2, 5], "2001 to 2002"),
    (
        "lat,lon,a,b\n1,2,3,4\n\ntime,temp\n2024-01-01,5\n2024-01-02,6\n2024-01-03,7\n",
        {},
        [5, 6, 7],
        "line 1, 2 left out",
    ),
    ("Name,2019 [YR2019],2020 [YR2020],2021 [YR2021]\nA,1,2,5\nB,3,4,6\n", {"item": "B"}, [3, 4, 6], "1 year apart"),
    ("地区,2021年,2022年,2023年\n甲,1,2,5\n乙,3,4,6\n", {"item": "乙"}, [3, 4, 6], "1 year apart"),
    (
        "d,c,s,v\n2024-01,DE,M,1\n2024-01,DE,F,2\n2024-01,FR,M,3\n2024-01,FR,F,5\n2024-02,DE,M,4\n2024-02,DE,F,6\n"
        "2024-02,FR,M,7\n2024-02,FR,F,8\n",
        {},
        None,
        "item=('DE', 'M')",
    ),  # fmt: skip
    (
        "s,x\n" + "".join(f"{2000 + k}/{k + 1:02},{k * k}\n" for k in range(14)),
        {},
        [k * k for k in range(14)],
        "14 values",
    ),
    (
        "t,x\n2024-01-01 12:00:00.000,1\n2024-01-01 12:00:00.250,2\n2024-01-01 12:00:00.500,5\n",
        {},
        [1, 2, 5],
        "0.25 seconds",
    ),
    (
        "t,x\n1/1/2024 11:00:00 a. m.,1\n1/1/2024 12:00:00 p. m.,2\n1/1/2024 1:00:00 p. m.,5\n",
        {},
        [1, 2, 5],
        "1 hour apart",
    ),
    (
        "t,x\n2024年1月1日 上午11:00,1\n2024年1月1日 下午1:00,2\n2024年1月1日 下午3:00,5\n",
        {},
        [1, 2, 5],
        "2 hours apart",
    ),
    (
        _file(
            (f"2024-10-27 {t}", v) for t, v in zip(["04:00", "03:00", "02:00", "02:00", "01:00"], WAVE, strict=False)
        ),
        {"order": "newest first"},
        WAVE[4::-1],
        "clocks put back",
    ),  # fmt: skip
    ("d,x\na,EUR 12.50\nb,EUR 1.5\n", {}, [12.5, 1.5], "without 'EUR'"),
    ('d,x\na,"R$ 1.234,50"\nb,"R$ 2,5"\n', {}, [1234.5, 2.5], "without 'R$'"),
    ('d,x\na,"1,23,456.50"\nb,7\n', {}, [123456.5, 7], "2 values"),
    ("t;x\n1;1.5\n2;2.25\n3;2.345\n", {"column": "x", "decimal": ","}, None, "line 2, column 'x': expected a number w"),
    (
        "t;x\n1;2.345\n2;0.038\n",
        {"column": "x", "decimal": ","},
        None,
        "line 3, column 'x': expected a number with the",
    ),
    ("t;x\n1;0,038\n2;0,512\n", {"column": "x", "decimal": "."}, None, "sign '.', got '0,038'"),
    ("t;x\n1;0,038\n2;0,512\n", {"column": "x"}, [0.038, 0.512], "with decimal commas"),
    ("t;x\n1;1'234.567\n2;2,5\n", {"column": "x", "decimal": ","}, None, "line 2, column 'x': expected a number with"),
    ("x\n1.234e-05\n8.326e-04\n", {}, [1.234e-05, 8.326e-04], "2 values"),
    ("1.234e-05 1.000e+00\n8.326E-04 2.500E+00\n", {"column": 1}, [1, 2.5], "2 values"),
    ("t;x\n1;1.234e-05\n2;2,5\n", {"column": "x"}, None, "one decimal sign, got '1.234e-05' and '2,5'"),
    ("t;x\n1;1.234e-05\n2;2,5\n", {"column": "x", "decimal": ","}, None, "sign ',', got '1.234e-05'"),
    *(
        (_file([(date, k) for k, date in enumerate(dates)]), {"column": "x"}, None, f"line {line}{end}")
        for dates, line, end in IMPOSSIBLE
    ),
    (_file(zip(IMPOSSIBLE[0][0], WAVE, strict=False)), {"order": "oldest first"}, WAVE[:7], "which I can't all read"),
    ("place," + ",".join(FEBRUARY) + "\nA,1,2,9,3,5\n", {"item": "A"}, None, "names of columns, got '2024-02-30'"),
    (
        "y,w,x\n" + "".join(f"{2023 + k // 52},{k % 52 + 1},{k}\n" for k in range(51, 64)),
        {"column": "x", "dates": ("y", "w")},
        [*range(51, 64)],
        "2023-52 to 2024-12",
    ),
    (
        _file(zip(DAYS[:10] + GERMAN[10:20], WAVE, strict=False)),
        {},
        None,
        "line 12, column 'd': expected dates in one form, got '11.01.2024' after '2024-01-10'; write all",
    ),
    (
        _file(zip(DAYS[:6] + GERMAN[6:20], WAVE, strict=False)),
        {"dates": "d"},
        None,
        "line 8, column 'd': expected dates in one form, got '07.01.2024' after",
    ),
]


@pytest.mark.parametrize(("content", "options", "values", "said"), STRANGERS)
def test_files_that_strangers_bring_are_read_right_or_refused_with_the_argument_that_helps(
    write, content, options, values, said
):
    path = write(content)
    try:
        series = read_series(path, **options)
    except ValueError as error:
        assert values is None and said in str(error), str(error)
    else:
        assert values is None or series.values.tolist() == values
        assert said in series.understood and (values is not None or said == "")


def test_absent_must_be_numbers_and_an_item_text(write):
    path = write(_file(zip(DAYS, WAVE, strict=True)))
    for wrong in ("-999", ["-999"], [True]):
        with pytest.raises(TypeError, match="absent: expected numbers, got "):
            read_series(path, absent=wrong)
    with pytest.raises(TypeError, match="item: expected a cell as text, got 72503; pass '72503'"):
        read_series(path, item=72503)


def test_another_encoding_is_named(write):
    path = write("日期,价格\n2024-01-01,1\n2024-01-02,2\n".encode("gbk"))
    with pytest.raises(ValueError, match="line 1: expected UTF-8, got the byte 0xc8; .* pass encoding=: 'gbk'"):
        read_series(path)
    assert read_series(path, encoding="gbk").name == "价格"
    assert read_text(path, encoding="gbk").startswith("日期")


class Frame:
    """What a column of a pandas DataFrame has of interest here."""

    def __init__(self, values, index, name="x"):
        self.values, self.index, self.name = values, index, name

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype=dtype)


def test_arrays_lists_and_columns_are_taken_as_they_are():
    assert read_series(np.array(WAVE, dtype=np.float32)).values.tolist() == [float(np.float32(v)) for v in WAVE]
    assert read_series(WAVE).labels[:2] == ["0", "1"]
    assert read_series(torch.tensor(WAVE)).values.dtype == torch.float64
    stamps = [f"{day} 00:00:00" for day in DAYS]
    series = read_series(Frame(WAVE, stamps, "close"))
    assert (series.name, series.labels, series.values.tolist()) == ("close", stamps, WAVE)
    with pytest.raises(ValueError, match="source, line 1: expected rows that rise"):
        read_series(Frame(WAVE, stamps[::-1]))
    assert read_series(Frame(WAVE, stamps[::-1]), order="newest first").values.tolist() == WAVE[::-1]
    with pytest.raises(ValueError, match="none in line 1;"):
        read_series([1, math.nan, 3])
    with pytest.raises(ValueError, match=r"one column of numbers, got shape \(2, 2\)"):
        read_series(np.ones((2, 2)))
    with pytest.raises(TypeError, match="source: expected numbers"):
        read_series(["one", "two"])


def test_a_large_file_is_read_in_seconds(write):
    rows = ((f"2024-{k // 2700 % 12 + 1:02}-{k // 100 % 27 + 1:02} {k % 100:02}", k) for k in range(30_000))
    stamps = [(f"{2000 + k // 3600:04}-01-01 {k // 150 % 24:02}:{k % 60:02}", math.sin(k)) for k, _ in enumerate(rows)]
    start = time.process_time()
    with contextlib.suppress(ValueError):
        read_series(write(_file(stamps)))
    assert time.process_time() - start < 10


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
