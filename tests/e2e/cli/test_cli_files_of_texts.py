"""Files that a text names: attached where they lie beside it, never published unseen."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from typing import Any

import pytest

TEXT = "می‌توانید از فردا نوبت بگیرید."


@pytest.fixture
def mailed(desk: Any) -> Any:
    """A folder of announcements, beside files that are not to be published."""
    (desk.folder / "key.txt").write_text("راز", encoding="utf-8")
    (desk.folder / "mail").mkdir()
    (desk.folder / "mail" / "برنامه ۲.txt").write_text("برنامه", encoding="utf-8")
    return desk


def write(desk: Any, text: str) -> None:
    (desk.folder / "mail" / "khabar.md").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("command", [("post",), ("schedule", "add", "x", "--every", "6h")])
def test_a_file_outside_of_the_folder_is_not_published(mailed: Any, command: Any) -> None:
    write(mailed, f"![ ](../key.txt)\n\n{TEXT}")
    post = (*command, "--file", "mail/khabar.md", "--to", "desk")
    err = mailed.refused(*post)
    assert "../key.txt" in err
    assert "--allow-files-outside" in err
    assert "key.txt" in mailed.run(*post, "--dry-run", "--allow-files-outside").out


def test_a_schedule_remembers_what_it_may_attach(mailed: Any) -> None:
    write(mailed, f"![ ](../key.txt)\n\n{TEXT}")
    mailed.run(
        *("schedule", "add", "x", "--every", "6h", "--to", "desk"),
        *("--file", "mail/khabar.md", "--allow-files-outside"),
    )
    assert mailed.run("schedule", "show", "x", "--json").json["allow_files_outside"] is True
    assert "allow files outside" in mailed.run("schedule", "show", "x").out


def test_the_lines_of_a_batch_name_files_anywhere(mailed: Any) -> None:
    """Programs write them."""
    outside = mailed.folder.parent / "x.txt"
    outside.write_text("متن", encoding="utf-8")
    for path in (outside, mailed.folder / "key.txt"):
        line = json.dumps({"text": TEXT, "media": str(path)}).encode()
        mailed.run("post", "--batch", "--dry-run", stdin=line)


def test_what_was_typed_may_lie_anywhere(mailed: Any) -> None:
    write(mailed, TEXT)
    out = mailed.run("post", "--file", "mail/khabar.md", "--media", "key.txt", "--dry-run").out
    assert "key.txt" in out


def test_files_that_nobody_typed_are_listed(mailed: Any) -> None:
    write(mailed, f"![برنامه](برنامه%20۲.txt)\n\n{TEXT}")
    err = mailed.run("post", "--file", "mail/khabar.md", "--to", "desk").err
    assert "attached: mail/برنامه ۲.txt (12 B)" in err


def test_the_question_of_a_terminal_names_each_file(mailed: Any) -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "broadcaster", "post", TEXT, "--media", "key.txt"],
        cwd=mailed.folder,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=False,
        timeout=60,
        preexec_fn=lambda: os.write(ours, b"n\n"),
    )
    shown = os.read(ours, 1 << 16).decode()
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 2
    assert shown.index("attached: key.txt (6 B)") < shown.index("post it?")
    assert mailed.posts() == []


@pytest.mark.parametrize("text", ["![x](key.txt)", "![[key.txt]]", "<img src='file:///k.png'>"])
def test_a_path_is_not_published_as_a_text(mailed: Any, text: str) -> None:
    assert "is not attached" in mailed.refused("post", f"{TEXT} {text}", "--to", "desk")


def test_a_picture_on_the_web_is_remarked(mailed: Any) -> None:
    write(mailed, f"![نقشه](https://mrud.ir/p.png)\n\n{TEXT}")
    ran = mailed.run("post", "--file", "mail/khabar.md", "--to", "desk", "--dry-run")
    assert "the picture at https://mrud.ir/p.png is not attached" in ran.out + ran.err


@pytest.mark.parametrize("head", ["a = " + "[" * 100_000, "a." * 50_000 + "b = 1"])
def test_front_matter_that_breaks_its_parser_is_named(mailed: Any, head: str) -> None:
    write(mailed, f"+++\n{head}\n+++\n{TEXT}")
    err = mailed.refused("post", "--file", "mail/khabar.md")
    assert "khabar.md" in err
    assert "line 1" in err


def test_a_config_that_breaks_its_parser_is_named(desk: Any) -> None:
    desk.write("a." * 50_000 + "b = 1")
    assert "a key has more than 16 parts (at line 1)" in desk.refused("list")
