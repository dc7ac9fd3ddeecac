"""What stands under a name is asked of the open file: no link is followed, no pipe waited for."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from broadcaster.errors import InputError
from broadcaster.files import Bound
from broadcaster.model import Media, MediaKind
from broadcaster.store import media, nofollow
from broadcaster.store.checked import CheckedFiles, Spoilt
from broadcaster.store.mark import HighWaterMark, StoreIdentity
from broadcaster.store.sharing import make_folder, make_subfolder, open_shared
from broadcaster.store.sqlite.lock import Exclusive
from broadcaster.store.sqlite.store import SqliteStore

SECRET = b"123456789:AAsecret-of-the-daemon"
Harm = Callable[[Path, Path], object]


def _socket(path: Path, _: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound, nofollow.folder(path.parent) as above:
        bound.bind(f"/proc/self/fd/{above}/{path.name}")  # a short name, as sockets must have


def _twice(path: Path, secret: Path) -> None:
    path.with_name("between").symlink_to(secret)
    path.symlink_to("between")


LINKS: dict[str, Harm] = {
    "a link": lambda path, secret: path.symlink_to(secret),
    "a link to a link": _twice,
    "a link to nothing": lambda path, secret: path.symlink_to(secret.with_name("missing")),
    "a link to a device": lambda path, _: path.symlink_to("/dev/zero"),
    "a pipe": lambda path, _: os.mkfifo(path),
    "a socket": _socket,
    "a folder": lambda path, _: path.mkdir(),
}
ALL = LINKS | {"a hard link": lambda path, secret: path.hardlink_to(secret)}


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_bytes(SECRET)
    path.chmod(0o600)
    return path


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir()
    return folder


def kept(folder: Path, content: bytes = b"%PDF-1.7 \xd9\x85\xd8\xaa\xd9\x86") -> Media:
    source = folder.parent / "نامه.pdf"
    source.write_bytes(content)
    return media.take(source, folder)


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "x/a/../../../pwned", "", "A" * 64, "0" * 63, "0" * 65, "0" * 64 + "\n"]
)
def test_what_is_no_digest_names_no_file(state: Path, name: str) -> None:
    with pytest.raises(OSError, match="no digest"):
        media.blob(state, name)
    assert not nofollow.is_digest(name)
    assert not media.is_kept(state, name)


@pytest.mark.parametrize("harm", ALL)
async def test_what_takes_the_place_of_a_file_is_not_sent(
    state: Path, secret: Path, harm: str
) -> None:
    said = kept(state)
    path = media.blob(state, said.digest)
    path.unlink()
    ALL[harm](path, secret)
    files = CheckedFiles(state)
    with pytest.raises(Spoilt, match=r"نامه\.pdf"):
        async with asyncio.timeout(5), files.lend([said]):
            pass
    assert secret.read_bytes() == SECRET  # noqa: ASYNC240


async def test_a_link_in_the_place_of_a_subfolder_is_not_followed(state: Path) -> None:
    said = kept(state)
    folder = media.blob(state, said.digest).parent
    folder.rename(state / "aside")
    folder.symlink_to(state / "aside")
    with pytest.raises(Spoilt, match="symbolic link"):
        async with CheckedFiles(state).lend([said]):
            pass


async def test_what_is_sent_does_not_change_any_more(state: Path) -> None:
    said = kept(state)
    path = media.blob(state, said.digest)
    content = path.read_bytes()
    async with CheckedFiles(state).lend([said]) as paths:
        path.write_bytes(SECRET)
        assert paths[said.digest].read_bytes() == content
        assert paths[said.digest].stat().st_mode & 0o077 == 0
    with pytest.raises(Spoilt, match="not what was attached"):
        async with CheckedFiles(state).lend([said]):
            pass
    left = {each.name for each in state.iterdir()}  # noqa: ASYNC240
    assert left == {".lock", said.digest[:2]}


def copies(state: Path) -> int:
    """Files without a name that are open in this process."""
    links = [each for each in Path("/proc/self/fd").iterdir() if each.is_symlink()]
    found = [str(each.readlink()) for each in links]
    return sum(each.startswith(str(state)) and "deleted" in each for each in found)


async def test_a_copy_is_shared_while_it_is_used_and_goes_afterwards(state: Path) -> None:
    one, other = kept(state, b"a" * 5000), kept(state, b"b" * 5000)
    files = CheckedFiles(state, kept=6000)
    async with files.lend([one, one]) as first, files.lend([one]) as second:
        assert first == second
        async with files.lend([other]) as third:
            assert third[other.digest].read_bytes() == b"b" * 5000
        assert first[one.digest].read_bytes() == b"a" * 5000, "it is still in use"
    assert copies(state) == 1, "one has room to stay"
    files.close()
    assert copies(state) == 0


async def test_a_file_that_grows_for_ever_is_read_to_its_size(state: Path) -> None:
    said = kept(state)
    os.truncate(media.blob(state, said.digest), 1 << 40)
    began = time.monotonic()
    with pytest.raises(Spoilt, match="not what was attached"):
        async with CheckedFiles(state).lend([said]):
            pass
    assert time.monotonic() - began < 30


def test_a_sweep_stays_in_its_folder(state: Path, tmp_path: Path) -> None:
    old, digest = time.time() - 10 * 86_400, hashlib.sha256(b"x").hexdigest()
    victim = tmp_path / "victim"
    victim.mkdir()
    theirs = [victim / name for name in ("letter.txt", digest, ".new-1")]
    inside = [state / "notes", state / "ab" / "letter.txt", state / "xyz" / digest]
    inside += [state / "zz" / digest, state / "AB" / digest]
    for path in (*theirs, *inside):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
        os.utime(path, (old, old))
    for name in ("cd", "yy"):
        (state / name).symlink_to(victim)
    link = state / "ab" / digest
    link.symlink_to(theirs[0])
    os.utime(link, (old, old), follow_symlinks=False)
    assert media.sweep(state, set, before=time.time() - 86_400) == 1
    assert not link.is_symlink()
    assert all(path.read_bytes() == b"x" for path in (*theirs, *inside))


def test_a_sweep_does_not_go_where_somebody_elses_link_leads(state: Path, tmp_path: Path) -> None:
    if os.geteuid():
        pytest.skip("needs root, to be somebody else")
    victim = tmp_path / "victim" / "ab"
    victim.mkdir(parents=True)
    theirs = victim / hashlib.sha256(b"x").hexdigest()
    theirs.touch()
    os.utime(theirs, (0, 0))
    folder = state / "media"
    folder.symlink_to(victim.parent)
    os.lchown(folder, 61001, 61001)
    with pytest.raises(InputError, match="symbolic link"):
        media.sweep(folder, set, before=time.time())
    assert theirs.exists()
    os.lchown(folder, 0, 0)
    assert media.sweep(folder, set, before=time.time()) == 1, "root may keep it on another disk"


@pytest.mark.parametrize("harm", ALL)
def test_lock_and_mark_write_into_no_other_file(state: Path, secret: Path, harm: str) -> None:
    store = state / "broadcaster.db"
    for suffix in (".lock", ".mark"):
        ALL[harm](store.with_name(store.name + suffix), secret)
        store.with_name("between").unlink(missing_ok=True)
    with pytest.raises(InputError):
        Exclusive(store).release()
    mark = HighWaterMark(store.with_name(store.name + ".mark"))
    mark.write(StoreIdentity(store="s", epoch=1, age=1))
    assert mark.read() is None
    assert secret.read_bytes() == SECRET
    assert secret.stat().st_mode & 0o777 == 0o600
    assert not secret.with_name("missing").exists()


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal", ".mark", ".lock", ".turn"])
@pytest.mark.parametrize("harm", [each for each in LINKS if each != "a folder"])
def test_a_store_with_a_link_beside_it_is_not_opened(
    state: Path, secret: Path, suffix: str, harm: str
) -> None:
    path = state / "broadcaster.db"
    SqliteStore(path).close()
    beside = path.with_name(path.name + suffix)
    beside.unlink(missing_ok=True)
    LINKS[harm](beside, secret)
    if not suffix and beside.is_symlink():
        if os.geteuid():
            pytest.skip("needs root, to be somebody else")
        os.lchown(beside, 61001, 61001)
    with pytest.raises(InputError, match=r"link|no regular file|is gone"):
        SqliteStore(path).close()
    assert secret.read_bytes() == SECRET


def test_a_new_file_is_shared_by_its_descriptor(tmp_path: Path, secret: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o2770)
    before = os.umask(0o077)
    try:
        os.close(open_shared(folder / "new", os.O_RDWR))
        make_folder(folder / "a" / "b")
    finally:
        os.umask(before)
    assert (folder / "new").stat().st_mode & 0o777 == 0o660
    assert (folder / "a" / "b").stat().st_mode & 0o777 == 0o770
    (folder / "ab").symlink_to(secret.parent)
    with nofollow.folder(folder) as above:
        make_subfolder("ab", above)
        with pytest.raises(OSError, match="symbolic link"), nofollow.folder("ab", above):
            pass


def test_a_pipe_is_no_file_to_attach_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path):
        with pytest.raises(InputError, match="is not a file"):
            media.take(path, tmp_path / "media")
        with pytest.raises(InputError, match="is not a file"):
            media.inspect(path)


def test_a_large_file_has_the_digest_of_its_content(tmp_path: Path) -> None:
    content = os.urandom(3 * nofollow.CHUNK + 5)
    (tmp_path / "large").write_bytes(content)
    seen, taken = media.inspect(tmp_path / "large"), media.take(tmp_path / "large", tmp_path / "m")
    assert seen == taken
    assert (seen.digest, seen.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert seen.kind is MediaKind.DOCUMENT
    assert media.blob(tmp_path / "m", taken.digest).read_bytes() == content


def test_a_file_for_which_there_is_no_room_is_not_copied(tmp_path: Path) -> None:
    folder, large = tmp_path / "media", tmp_path / "large"
    with large.open("wb") as written:
        written.truncate(shutil.disk_usage(tmp_path).free + (1 << 30))
    with pytest.raises(InputError, match="there is room for"):
        media.take(large, folder, bound=Bound(1 << 62))
    assert list(folder.iterdir()) == []


async def test_many_who_want_large_files_at_once_each_get_theirs(state: Path) -> None:
    said = [kept(state, bytes([number]) * 3_000_000) for number in range(4)]
    files = CheckedFiles(state, kept=0)

    async def use(number: int) -> None:
        one = said[number % 4]
        async with files.lend([one]) as paths:
            await asyncio.sleep(0)
            assert paths[one.digest].read_bytes() == bytes([number % 4]) * 3_000_000

    await asyncio.gather(*map(use, range(40)))
    assert copies(state) == 0
