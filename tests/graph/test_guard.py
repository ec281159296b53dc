"""What a query may not do is refused, however it is written; what only looks like it is not."""

from __future__ import annotations

import pytest

from forensics.errors import QueryError
from forensics.graph.guard import check_readonly

REFUSED = {
    "COPY": "COPY (MATCH (a:Account) RETURN a.account_id) TO 'out.csv'",
    "LOAD": "LOAD FROM '/etc/passwd' (file_format='csv') RETURN *",
    "ATTACH": "ATTACH 'other.lbug' AS other (dbtype lbug)",
    "INSTALL": "INSTALL httpfs",
    "EXPORT": "EXPORT DATABASE 'folder'",
    "IMPORT": "IMPORT DATABASE 'folder'",
    "CALL": "CALL show_tables() RETURN *",
    "CHECKPOINT": "CHECKPOINT",
    "FORCE": "FORCE INSTALL httpfs",
    "UNINSTALL": "UNINSTALL httpfs",
    "USE": "USE other MATCH (a) RETURN a",
    "BEGIN": "BEGIN TRANSACTION",
    "COMMIT": "COMMIT",
    "ROLLBACK": "ROLLBACK",
    "COMMENT": "COMMENT ON TABLE Account IS 'x'",
    "ANALYZE": "ANALYZE",
    "UPDATE": "UPDATE httpfs",
}


@pytest.mark.parametrize(("word", "text"), REFUSED.items())
def test_a_clause_that_reaches_outside_is_refused(word: str, text: str) -> None:
    with pytest.raises(QueryError, match=f"^{word} is refused"):
        check_readonly(text)


@pytest.mark.parametrize(
    "text",
    [
        "load from 'x' return *",
        "LoAd\n\tFROM 'x' RETURN *",
        "/* MATCH */ LOAD FROM 'x' RETURN *",
        "// MATCH (a)\nLOAD FROM 'x' RETURN *",
        "// MATCH (a)\rLOAD FROM 'x' RETURN *",
        "EXPLAIN LOAD FROM 'x' RETURN *",
        "PROFILE LOAD FROM 'x' RETURN *",
        "MATCH (a) LOAD FROM 'x' RETURN *",
        "MATCH (a)/**/LOAD FROM 'x' RETURN *",
        "MATCH (a) WITH a LOAD FROM 'x' RETURN *",
        "MATCH (a) WITH * LOAD FROM 'x' RETURN *",
        "MATCH (a) WITH DISTINCT * LOAD FROM 'x' RETURN *",
        "MATCH (a) WITH a ORDER BY a.x DESC LOAD FROM 'x' RETURN *",
        "MATCH (a) WITH a LIMIT 5 LOAD FROM 'x' RETURN *",
        "MATCH (a) WITH a LIMIT $n LOAD FROM 'x' RETURN *",
        "MATCH (a) WITH a.`x` LOAD FROM 'x' RETURN *",
        "WITH 'it''s' AS s LOAD FROM 'x' RETURN *",
        r"WITH 'a\'b' AS s LOAD FROM 'x' RETURN *",
        "WITH [1, 2] AS s LOAD FROM 'x' RETURN *",
        "WITH {a: 1} AS s LOAD FROM 'x' RETURN *",
        "WITH 1. LOAD FROM 'x' RETURN *",
        "WITH NULL AS s, true AS t LOAD FROM 'x' RETURN *",
        "WITH CASE WHEN true THEN 1 END LOAD FROM 'x' RETURN *",
        "MATCH (a) RETURN EXISTS { LOAD FROM 'x' RETURN * }",
        r"MATCH (a) \u004cOAD FROM 'x' RETURN *",
        r"WITH 'a\u0027 AS s LOAD FROM \u0027x' RETURN *",
        "MATCH (a)\u00a0LOAD FROM 'x' RETURN *",
        "MATCH (a)\u200bLOAD FROM 'x' RETURN *",
    ],
)
def test_no_spelling_hides_a_clause(text: str) -> None:
    with pytest.raises(QueryError, match="LOAD is refused"):
        check_readonly(text)


@pytest.mark.parametrize("word", ["CALL", "OPTIONAL CALL"])
def test_a_procedure_in_the_middle_is_refused(word: str) -> None:
    with pytest.raises(QueryError, match="CALL is refused"):
        check_readonly(f"MATCH (a:Account) {word} db.labels() YIELD label RETURN label")


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("SET", "MATCH (a:Account) SET a.status = 'active'"),
        ("CREATE", "CREATE (:Account {account_id: 'x'})"),
        ("MERGE", "MERGE (:Account {account_id: 'x'})"),
        ("DELETE", "MATCH (a:Account) DELETE a"),
        ("DETACH", "MATCH (a:Account) DETACH DELETE a"),
        ("REMOVE", "MATCH (a:Account) REMOVE a.status"),
        ("DROP", "DROP TABLE Account"),
        ("ALTER", "ALTER TABLE Account ADD x STRING"),
        ("FOREACH", "MATCH (a) FOREACH (x IN [1] | SET a.y = x)"),
        ("CREATE", "EXPLAIN CREATE (:Account)"),
    ],
)
def test_a_clause_that_writes_says_that_the_graph_is_read_only(word: str, text: str) -> None:
    with pytest.raises(QueryError, match=f"^{word} would change the graph, which is read-only"):
        check_readonly(text)


@pytest.mark.parametrize(
    "text",
    [
        "MATCH (a:Account) RETURN a.load AS load",
        "MATCH (copy:Account) RETURN copy.account_id AS call ORDER BY call",
        "MATCH (a:Load)-[:CALL|IMPORT]->(b:Copy&Set) RETURN a, b",
        "MATCH (a) WHERE a.kind = 'COPY' AND a.`LOAD` <> \"CALL db.labels()\" RETURN a",
        "MATCH (a) /* CALL */ RETURN a // LOAD FROM 'x'",
        "MATCH (a) WITH a.n AS load WHERE load > 3 AND NOT load IN [4, load] RETURN load * load",
        "UNWIND $set AS set RETURN set",
        "RETURN {call: 1, load: 2} AS map",
        "MATCH (a) RETURN DISTINCT update, a.x * use LIMIT $call",
        "MATCH (a) RETURN [x IN a.list WHERE x = 1 | load] AS list;",
        "EXPLAIN MATCH (a) RETURN a.x",
        "OPTIONAL MATCH (a) WHERE (a)-->(:Copy) RETURN count(load)",
    ],
)
def test_a_name_a_string_or_a_comment_is_not_refused(text: str) -> None:
    check_readonly(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the query is empty"),
        (" // nothing\n", "the query is empty"),
        ("RETURN 1 AS x; RETURN 2 AS y", "more than one statement"),
        ("RETURN 1 AS x; COPY (RETURN 1) TO 'x.csv'", "more than one statement"),
        ("RETURN 'a", "a ' that is never closed"),
        ("RETURN 1 /* a", r"a /\* that is never closed"),
        ("SHOW TABLES", "begins with 'SHOW'"),
        ("retur 1", "begins with 'retur'"),
    ],
)
def test_what_is_not_one_reading_statement_is_refused(text: str, problem: str) -> None:
    with pytest.raises(QueryError, match=problem):
        check_readonly(text)
