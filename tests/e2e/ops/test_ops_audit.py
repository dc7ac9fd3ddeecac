"""``audit`` and ``prune`` on the command line."""

from __future__ import annotations

from typing import Any

from broadcaster.store.sqlite.driver import dbapi as sqlite3


def tamper(office: Any, *statements: str) -> None:
    raw = sqlite3.connect(office.store)
    for trigger in ("audit_update", "audit_delete"):
        raw.execute(f"drop trigger if exists {trigger}")
    for statement in statements:
        raw.execute(statement)
    raw.commit()
    raw.close()


def test_who_did_what(office: Any) -> None:
    post = office.post("متن")
    office.run("cancel", str(post))
    refused = office.run("cancel", str(post), code=1)
    office.run("halt", "--reason", "خطا در متن")
    rows = office.run("audit", "--post", str(post), "--json").json
    assert [(row["verb"], row["post"]) for row in rows] == [
        ("cancel", post),
        ("cancel", post),
        ("post", post),
    ]
    assert [row["door"] for row in rows] == ["cli", "cli", "cli"]
    assert rows[0]["refused"] in refused.err
    assert rows[1]["refused"] is None
    assert rows[2]["detail"]["channels"] == ["news-bale", "news-telegram"]
    said = office.run("audit", "--since", "امروز").out
    assert "halt" in said
    assert "خطا در متن" in said
    assert office.run("audit", "--since", "2099-01-01", "--json").json == []


def test_verify_says_what_is_wrong(office: Any) -> None:
    for number in range(3):
        office.run("cancel", str(office.post(f"متن {number}")))
    head = office.audit()[0]["hash"]
    assert f"head {head}" in office.run("audit", "--verify").out
    proof = office.run("audit", "--verify", "--head", head, "--json").json
    assert (proof["whole"], proof["rows"], proof["head"]) == (True, 6, head)

    tamper(office, "delete from audit where id = 6")
    ran = office.run("audit", "--verify", "--json", code=1)
    assert ran.json["whole"] is False
    assert "rows at the end are missing" in ran.json["flaws"][0]

    tamper(office, "update audit set who = 'کس دیگر' where id = 2")
    assert "row 2 does not follow" in office.run("audit", "--verify", code=1).err


def test_calls_that_make_no_sense(office: Any) -> None:
    assert "--head belongs to --verify" in office.run("audit", "--head", "x", code=2).err
    assert "--since" in office.run("audit", "--since", "هرگز", code=2).err
    assert "leave out" in office.run("audit", "--verify", "--post", "1", code=2).err
    assert "--older-than" in office.run("prune", "--older-than", "چندی", code=2).err


def test_prune_removes_what_was_settled_long_ago(office: Any) -> None:
    old = office.post("کهنه")
    office.run("cancel", str(old))
    kept = office.post("نو")
    raw = sqlite3.connect(office.store)
    raw.execute("update posts set due = 0, created = 0 where id = ?", (old,))
    raw.execute("update deliveries set done_at = 1 where post = ?", (old,))
    raw.commit()
    raw.close()
    looked = office.run("prune", "--dry-run", "--json").json
    assert (looked["posts"], looked["archived"]) == (0, 2)
    ran = office.run("prune", "--json").json
    assert (ran["posts"], ran["archived"]) == (0, 2)
    assert office.run("show", str(old), "--json").json["text"] == "کهنه"
    office.write(more='[retention]\narchive = "300d"')
    assert office.run("prune", "--dry-run", "--json").json["posts"] == 1
    assert office.states(old)
    ran = office.run("prune", "--json").json
    assert (ran["posts"], ran["deliveries"], ran["audit"]) == (1, 2, 0)
    assert "no post" in office.run("show", str(old), code=2).err
    assert office.states(kept)
    assert office.audit()[0]["detail"]["posts"] == [old]
    assert "removed 0 posts" in office.run("prune", "--older-than", "400d").out
