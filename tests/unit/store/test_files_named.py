"""Files that somebody names: every odd path is answered with its reason, and nothing waits."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from broadcaster import files
from broadcaster.app.archive import back_up, restore
from broadcaster.app.texts import read_file
from broadcaster.config.find import find
from broadcaster.errors import InputError
from broadcaster.files import Ground
from broadcaster.store.media import inspect, take

LONG = "ن" * 150
SECRET = "123:token"


def media(path: Path) -> object:
    return take(path, path.parent / "media")


def config(path: Path) -> object:
    return find(path, {}, Path("/"))


READERS: list[Callable[[Path], object]] = [
    read_file,
    inspect,
    media,
    config,
    Ground.of(Path("/")).open,
]


@pytest.fixture
def odd(tmp_path: Path) -> dict[str, Path]:
    (tmp_path / "file").write_text("متن", encoding="utf-8")
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    return {
        "missing": tmp_path / "نیست",
        "long": tmp_path / LONG,
        "long below": tmp_path / LONG / "x",
        "loop": tmp_path / "loop",
        "loop below": tmp_path / "loop" / "x",
        "no folder": tmp_path / "file" / "x",
        "folder": tmp_path,
        "zero": Path("/dev/zero"),
        "null": Path("/dev/null"),
        "NUL": tmp_path / "a\0b",
        "half": tmp_path / "a\ud800b",
        "pipe below": tmp_path / "pipe" / "x",
    }


@pytest.mark.parametrize("reader", READERS, ids=["text", "look", "media", "config", "ground"])
def test_an_odd_path_is_answered_with_its_reason(
    reader: Callable[[Path], object], odd: dict[str, Path]
) -> None:
    for name, path in odd.items():
        with pytest.raises(InputError) as said:
            reader(path)
        str(said.value).encode()  # it can be printed
        assert "\0" not in str(said.value)
        assert len(str(said.value)) < 1000, name


@pytest.mark.parametrize("reader", READERS[1:], ids=["look", "media", "config", "ground"])
def test_a_pipe_that_nobody_writes_to_is_not_waited_for(
    reader: Callable[[Path], object], odd: dict[str, Path], tmp_path: Path
) -> None:
    with pytest.raises(InputError):
        reader(tmp_path / "pipe")


def test_a_backup_has_the_same_care(odd: dict[str, Path], tmp_path: Path) -> None:
    for name in ("long", "loop below", "no folder", "NUL"):
        with pytest.raises(InputError):
            restore(f"sqlite:///{tmp_path}/q.db", tmp_path, odd[name], "x", now=None)  # type: ignore[arg-type]
    with pytest.raises(InputError):
        back_up(None, tmp_path, odd["long"], now=None)  # type: ignore[arg-type]


def test_a_folder_that_may_not_be_entered_is_named(tmp_path: Path) -> None:
    """As a user without root's rights over files."""
    closed = tmp_path / "بسته"
    closed.mkdir()
    (closed / "a.jpg").write_bytes(b"x")
    closed.chmod(0)
    script = (
        "import sys; from pathlib import Path; from broadcaster.errors import InputError\n"
        "from broadcaster.store.media import inspect\n"
        "from broadcaster.app.texts import read_file\n"
        "from broadcaster.config.find import find\n"
        "for each in (inspect, read_file, lambda p: find(p, {}, Path('/'))):\n"
        "    try: each(Path(sys.argv[1])); print('read')\n"
        "    except InputError as error: print(error)\n"
    )
    without = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]
    run = [*(without if os.geteuid() == 0 else []), sys.executable, "-c", script]
    done = subprocess.run(
        [*run, str(closed / "a.jpg")], capture_output=True, text=True, check=False, timeout=60
    )
    closed.chmod(0o700)
    assert done.stdout.count("Permission denied") == 3, done.stderr
    assert done.stdout.count(str(closed)) == 3


def test_a_pipe_of_the_shell_is_read_to_its_end(tmp_path: Path) -> None:
    script = "from broadcaster.app.texts import read_file; import sys; from pathlib import Path\n"
    script += "print(read_file(Path(sys.argv[1])).count('متن'))"
    done = subprocess.run(
        [
            "bash",
            "-c",
            '"$0" -c "$1" <(sleep 0.3; printf "متن %.0s" {1..30000})',
            sys.executable,
            script,
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == "30000\n"


def test_a_text_without_end_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"x" * (files.TEXT_MOST + 1))
    with pytest.raises(InputError, match="longer than"):
        read_file(tmp_path / "big")
    (tmp_path / "big").write_bytes(b"x" * files.TEXT_MOST)
    assert len(read_file(tmp_path / "big")) == files.TEXT_MOST


class TestGround:
    """What a daemon reads for its config."""

    @pytest.fixture
    def office(self, tmp_path: Path) -> Path:
        for each in ("config", "posts/sub"):
            (tmp_path / each).mkdir(parents=True)
        (tmp_path / "secret").write_text(SECRET)
        (tmp_path / "posts" / "sub" / "a.md").write_text("متن", encoding="utf-8")
        return tmp_path

    def read(self, office: Path, path: str) -> str:
        with Ground.of(office / "config").open(office / "config" / path) as file:
            return file.read().decode()

    def test_it_reads_what_root_and_the_daemon_own(self, office: Path) -> None:
        assert self.read(office, "../posts/sub/a.md") == "متن"
        (office / "config" / "b.md").write_text("ب", encoding="utf-8")
        assert self.read(office, "b.md") == "ب"
        (office / "link").symlink_to(office / "config")  # how the config itself is reached
        with Ground.of(office / "link").open(office / "link" / "b.md") as file:
            assert file.read().decode() == "ب"

    def test_it_follows_no_link(self, office: Path) -> None:
        (office / "posts" / "l.md").symlink_to(office / "secret")
        (office / "posts" / "d").symlink_to(office)
        for path in ("../posts/l.md", "../posts/d/secret"):
            with pytest.raises(InputError, match="a link, or no folder"):
                self.read(office, path)

    @pytest.mark.parametrize("which", ["posts", "posts/sub"])
    def test_a_folder_that_others_write_to_is_no_ground(self, office: Path, which: str) -> None:
        for mode in (0o777, 0o770, 0o2775):
            (office / which).chmod(mode)
            with pytest.raises(InputError, match="can be written by others"):
                self.read(office, "../posts/sub/a.md")

    def test_nor_is_one_where_each_keeps_what_is_theirs(self, office: Path) -> None:
        """As /tmp: what lies in it directly may be anybody's, a folder of ours in it is ours."""
        (office / "posts").chmod(0o1777)
        assert self.read(office, "../posts/sub/a.md") == "متن"
        (office / "posts" / "a.md").write_text("x")
        with pytest.raises(InputError, match="can be written by others"):
            self.read(office, "../posts/a.md")

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
    def test_a_folder_of_somebody_else_is_no_ground(self, office: Path) -> None:
        os.chown(office / "posts", 4242, -1)
        with pytest.raises(InputError, match="belongs to somebody else"):
            self.read(office, "../posts/sub/a.md")
