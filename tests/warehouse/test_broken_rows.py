"""A row that cannot be split into columns is kept raw, and the rows after it keep their numbers."""

from datetime import date, timedelta

import pytest

from edupulse_core.warehouse.ingest import ingest
from tests import bundles

LINES = "sourcedId,studentSourcedId,date,status\n"


def test_a_row_longer_than_any_reader_takes_is_rejected(lenient, folder, rows):
    path = folder / "incidents.csv"
    head, row = path.read_text().splitlines()
    more = [f"more{n}" for n in range(9)]
    path.write_text(f"{head},{','.join(more)}\n{row}{',' * 9}\n{row}{(',' + 'x' * 60_000) * 9}\n")

    ingest(lenient, folder)

    assert rows("select row_number, reason, length(raw) > 500000 from rejects") == [
        (3, "row too long", True)
    ]


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("a1,ana,2025-09-15\na2,ana,2025-09-15,absent\n", [(2, "a1,ana,2025-09-15")]),
        (
            "a1,ana,2025-09-15,absent,\na2,ana,2025-09-15,absent\n",
            [(2, "a1,ana,2025-09-15,absent,")],
        ),
        ("a1,ana,2025-09-15,absent\n,,,,,,\n", [(3, ",,,,,,")]),
        ("a1,ana,2025-09-15,absent\n\na2,ana,2025-09-15\n", [(4, "a2,ana,2025-09-15")]),
        ("a1,ana,2025-09-15,absent\n \n", [(3, " ")]),
        ('a1,"ana"x,2025-09-15,absent\n', [(2, 'a1,"ana"x,2025-09-15,absent')]),
        ('"a\n1",ana,2025-09-15\na2,ana,2025-09-15,absent\n', [(2, '"a\n1",ana,2025-09-15')]),
        ("a1,ana,2025-09-15,absent\r\na2\r\na3,ana,2025-09-15,absent\r\n", [(3, "a2")]),
    ],
)
def test_a_row_with_a_wrong_number_of_fields_is_kept_raw(
    bring, rows, tmp_path, lenient, text, refused
):
    folder = bundles.write(tmp_path / "b", bundles.small())
    (folder / "attendance.csv").write_bytes((LINES + text).encode())

    summary = ingest(lenient, folder)

    assert rows("select row_number, raw from rejects") == refused
    assert summary.files["attendance"]["rejected"] == 1
    assert summary.files["attendance"]["imported"] == rows("select count(*) from attendance")[0][0]


def test_a_blank_before_a_quote_is_text_and_the_quote_with_it(lenient, tmp_path, rows):
    folder = bundles.write(tmp_path / "b", bundles.small())
    (folder / "attendance.csv").write_text(
        LINES + 'a1,ana,2025-09-15,absent\n "a2",ana,2025-09-16,absent\n'
    )

    ingest(lenient, folder)

    assert rows("select attendance_id from attendance order by 1") == [(' "a2"',), ("a1",)]


@pytest.mark.parametrize(
    "text",
    [
        'a1,ana,2025-09-15,absent\n"a\n2",ana,2025-09-15,absent\na3,ana,2025-09-15,absent',
        "a1,ana,2025-09-15,absent\r\na2,ana,2025-09-15,absent\r\na3,ana,2025-09-15,absent\r\n\r\n",
        "a1,ana,2025-09-15,absent\ra2,ana,2025-09-15,absent\ra3,ana,2025-09-15,absent\r",
        "a1,ana,2025-09-15,absent\r\na2,ana,2025-09-15,absent\na3,ana,2025-09-15,absent\n\n\n",
        'a1,"ana",2025-09-15,"absent"\na2,ana,2025-09-15,absent\n"a""3",ana,2025-09-15,absent\n',
    ],
    ids=["newline in quotes", "crlf", "cr", "mixed", "quotes"],
)
def test_line_ends_and_quotes_are_read_as_they_come(settings, tmp_path, text):
    folder = bundles.write(tmp_path / "b", bundles.small())
    ending = "\r" if "\n" not in text else "\n"
    (folder / "attendance.csv").write_bytes((LINES.replace("\n", ending) + text).encode())

    summary = ingest(settings, folder, dry_run=True)

    assert summary.files["attendance"] == {"read": 3, "imported": 3, "rejected": 0}


def test_row_numbers_hold_in_a_long_file_with_broken_rows(bring, rows):
    files = bundles.small()
    days = bundles.weekdays(date(2025, 9, 1), date(2025, 9, 13))
    files["attendance"] = [
        bundles.absence("ana", days[n % len(days)], sourcedId=f"a{n}") for n in range(30_000)
    ]
    for n in (7, 20_000, 29_999):
        files["attendance"][n]["studentSourcedId"] = "zoe"
    files["attendance"][12_345]["studentSourcedId"] = "a\nb"
    files["attendance"][12_346]["date"] = date(2025, 9, 13) + timedelta(days=0)

    bring(files)

    found = rows("select row_number, reason from rejects order by 1")
    assert [number for number, _ in found] == [9, 12_347, 12_348, 20_002, 30_001]
    raw = rows("select raw from rejects where row_number in (12347, 30001) order by row_number")
    assert raw[0][0].startswith('a12345,"a\nb"')
    assert raw[1][0].startswith("a29999,zoe")
