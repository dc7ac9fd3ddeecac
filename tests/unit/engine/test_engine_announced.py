"""Files that an announcement names: found as editors write them, and only beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from broadcaster.errors import InputError
from broadcaster.planning.announcement import Wish, completed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with pictures, below one with a file that is nobody's to publish."""
    (tmp_path / "secret.txt").write_text("راز", encoding="utf-8")
    folder = tmp_path / "خبرها"
    (folder / "عکس").mkdir(parents=True)
    for name in ("پوستر ۲.jpg", "100%.png", "a%20b.png", "عکس/x.png"):
        (folder / name).touch()
    (folder / "out").symlink_to(tmp_path)
    (folder / "out.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "in.png").symlink_to(folder / "عکس" / "x.png")
    return folder


def media(folder: Path, text: str, *, outside: bool = False) -> list[Path]:
    wish = completed(Wish(text=text, allow_outside=outside), folder / "khabar.md")
    assert "![" not in wish.text
    return [path.resolve() for path in wish.media]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("پوستر ۲.jpg", "پوستر ۲.jpg"),
        ("پوستر%20۲.jpg", "پوستر ۲.jpg"),
        ("%D9%BE%D9%88%D8%B3%D8%AA%D8%B1%20%DB%B2.jpg", "پوستر ۲.jpg"),
        ("100%.png", "100%.png"),
        ("a%20b.png", "a%20b.png"),
        ("./عکس/../in.png", "عکس/x.png"),
        ("in.png", "عکس/x.png"),
        ("file:in.png", "عکس/x.png"),
        ("<عکس/x.png>", "عکس/x.png"),
    ],
)
def test_a_picture_is_found_as_editors_write_it(folder: Path, said: str, name: str) -> None:
    assert media(folder, f"![پوستر]({said})\n\nمتن") == [folder / name]


@pytest.mark.parametrize("form", ["file://{}", "file://localhost{}", "FILE:{}", "{}"])
def test_an_absolute_path_counts_where_it_leads_into_the_folder(folder: Path, form: str) -> None:
    said = form.format(str(folder / "عکس" / "x.png").replace("عکس", "%D8%B9%DA%A9%D8%B3"))
    assert media(folder, f"![]({said})\n\nمتن") == [folder / "عکس" / "x.png"]


OUTSIDE = ["../secret.txt", "out/secret.txt", "out.txt", "عکس/../../secret.txt", "{}", "file://{}"]


@pytest.mark.parametrize("said", OUTSIDE)
@pytest.mark.parametrize("form", ["![ ]({})\n\nمتن", "---\nmedia: [{}]\n---\nمتن"])
def test_a_file_outside_of_the_folder_is_refused_by_name(
    folder: Path, form: str, said: str
) -> None:
    said = said.format(folder.parent / "secret.txt")
    with pytest.raises(InputError) as refused:
        media(folder, form.format(said))
    assert said in str(refused.value)
    assert "--allow-files-outside" in str(refused.value)
    assert media(folder, form.format(said), outside=True) == [folder.parent / "secret.txt"]


def test_what_the_command_line_names_may_lie_anywhere(folder: Path) -> None:
    typed = folder.parent / "secret.txt"
    wish = completed(Wish(text="---\nmedia: ../x\n---\nمتن", media=(typed,)), folder / "khabar.md")
    assert wish.media == (typed,)


def test_a_name_with_nul_or_of_another_machine_is_refused(folder: Path) -> None:
    for text in ('+++\nmedia = "a\\u0000b"\n+++\nمتن', "![](file://server/x.png)"):
        with pytest.raises(InputError, match=r"khabar\.md names"):
            media(folder, text)


@pytest.mark.parametrize(
    "notation",
    [
        "![x](data:image/png;base64,iVBORw0KGgo=)",
        "![[x.png]]",
        "![[x.png|300]]",
        "![x][p]\n\n[p]: پوستر.jpg",
        "![p]\n\n[p]: <file:///srv/x y.png>",
        "![x](attachment:x.png)",
        "![x](ftp://host.ir/x.png)",
        '<img src="file:///srv/x.png" alt="x" style="zoom:50%;" />',
        "<IMG alt='a'\nsrc = x.png>",
    ],
)
def test_a_picture_that_cannot_be_attached_is_refused(folder: Path, notation: str) -> None:
    with pytest.raises(InputError, match=r"khabar\.md: the picture .* is not attached"):
        media(folder, f"متن\n\n{notation}\n\nپایان")


def test_front_matter_that_is_wrong_is_named_with_its_file(folder: Path) -> None:
    with pytest.raises(InputError, match=r"khabar\.md: line 3"):
        media(folder, "---\nto: a\nto: b\n---\n")
