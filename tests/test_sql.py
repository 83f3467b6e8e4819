import duckdb
import pytest

from edupulse_core import sql


@pytest.fixture
def two_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "create table t as select $n as n; select n, $word as word from t"
    monkeypatch.setattr(sql, "load", {"a/file": text}.__getitem__)


def test_each_statement_gets_the_values_that_it_names(two_statements: None) -> None:
    with duckdb.connect() as con:
        rows = sql.run(con, "a/file", {"n": 1, "word": "one", "spare": True})

    assert rows == [(1, "one")]


def test_a_text_is_parsed_once_and_run_with_the_values_of_each_connection(
    two_statements: None,
) -> None:
    text = sql.load("a/file")
    with duckdb.connect() as one, duckdb.connect() as other:
        rows = [sql.run(one, "a/file", {"n": 1, "word": "one"})]
        rows.append(sql.run(other, "a/file", {"n": 2, "word": "two"}))
        assert sql.parsed(one, text) is sql.parsed(other, text)

    assert rows == [[(1, "one")], [(2, "two")]]


def test_the_rows_of_one_query_come_as_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "load", {"a/query": "select $n as n, 'one' as word"}.__getitem__)

    with duckdb.connect() as con:
        rows = sql.table(con, "a/query", {"n": 1, "spare": True})

    assert rows.to_pylist() == [{"n": 1, "word": "one"}]


def test_a_value_that_a_statement_names_must_be_given(two_statements: None) -> None:
    with duckdb.connect() as con, pytest.raises(KeyError, match="word"):
        sql.run(con, "a/file", {"n": 1})


def test_every_file_of_a_folder_can_be_loaded_by_its_name() -> None:
    names = sql.names("warehouse/quality")

    assert "warehouse/quality/silent_feeds" in names
    assert all("select" in sql.load(name) for name in names)
