"""A wheel is all that another machine needs."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from broadcaster import __version__

BUILD = "import sys, hatchling.build; print(hatchling.build.build_wheel(sys.argv[1]))"
RUN = "import broadcaster, broadcaster.cli; print(broadcaster.__file__); broadcaster.cli.main()"


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """The folder that the wheel of this checkout unpacks to."""
    built, folder = tmp_path_factory.mktemp("dist"), tmp_path_factory.mktemp("site")
    subprocess.run([sys.executable, "-c", BUILD, str(built)], cwd=root, check=True)
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_it_holds_every_file_of_the_packages(unpacked: Path, root: Path) -> None:
    sources = {
        path.relative_to(root)
        for package in ("broadcaster", "adapters")
        for path in (root / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert [path for path in sorted(sources) if not (unpacked / path).is_file()] == []


def test_it_holds_the_sample_configuration_and_the_unit(unpacked: Path, root: Path) -> None:
    settings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    included = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    for source, target in included.items():
        files = (root / source).rglob("*") if (root / source).is_dir() else [root / source]
        for file in files:
            copy = unpacked / target / file.relative_to(root / source)
            assert copy.read_bytes() == file.read_bytes()


def test_the_command_runs_from_it_outside_the_checkout(unpacked: Path, tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-P", "-c", RUN, "--version"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(unpacked)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    place, version = ran.stdout.splitlines()
    assert Path(place).is_relative_to(unpacked)
    assert __version__ in version
