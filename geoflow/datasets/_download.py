"""Downloads the files of a data set, checked against the md5 of the catalogue."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from geoflow.datasets._catalogue import Catalogue, DataFile, Family, bundled_catalogue
from geoflow.datasets._files import Found, data_home, found
from geoflow.datasets._problems import problem
from geoflow.datasets._synthetic import SYNTHETIC
from geoflow.errors import DatasetError, SpecError


@contextmanager
def _silence(logger: logging.Logger) -> Iterator[None]:
    """Keep pooch's own lines off standard error, which belongs to the progress bar."""
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(level)


def _is_good(item: Found | None) -> bool:
    """Tell whether a file is there with the right md5."""
    return item is not None and item.md5() == item.expected_md5


def _download(file: DataFile, folder: Path, progress: Any) -> Path:
    """Write one file to a folder, from the first address that gives the right bytes."""
    import pooch

    downloader = pooch.HTTPDownloader(progressbar=progress or False, chunk_size=1 << 16)
    failures = []
    for address in file.addresses:
        try:
            with _silence(pooch.get_logger()):
                path = pooch.retrieve(
                    address, f"md5:{file.md5}", file.name, folder, downloader=downloader
                )
            return Path(path)
        except (OSError, ValueError) as error:  # no network, no such file; another md5
            reason = " ".join(str(error).split())[:120] or type(error).__name__
            failures.append(f"{address} ({reason})")
    raise DatasetError(
        f"cannot download {file.name} from {'; '.join(failures)}:"
        f" get it by hand (md5 {file.md5}) and put it in {folder}"
    )


def _lacking(family: Family, home: Path) -> list[DataFile]:
    """Return the files to download: none if all (or, where enough, any) are there and good."""
    bad = [file for file in family.files if not _is_good(found(family, file, home))]
    if family.needs == "any" and len(bad) < len(family.files):
        return []
    return [file for file in bad if file.addresses]


def fetch(
    name: str,
    data_dir: Path | None = None,
    progress: Any = None,
    *,
    families: Catalogue | None = None,
) -> list[Path]:
    """Download what a data set needs and return the paths of its files; good files are kept.

    Each address of the catalogue is tried in order; a file appears under its name only when it is
    whole and has the published md5. ``progress`` is a progress-bar object as pooch takes it: with
    an attribute ``total`` and methods ``update(n)``, ``reset()`` and ``close()``, all called once
    per file or more.
    """
    families = bundled_catalogue() if families is None else families
    if name in SYNTHETIC:
        raise SpecError(f"data set '{name}' is computed from its formula: nothing to fetch")
    family = families.get(name) or problem(name, families, SYNTHETIC).family
    if not family.files:
        raise SpecError(f"data set '{name}' comes with scikit-learn: nothing to fetch")
    home = data_home(data_dir)
    folder = home / family.folders[0]
    for file in _lacking(family, home):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DatasetError(
                f"cannot make {folder} ({error.strerror}): give a --data-dir you can write to"
            ) from None
        if not os.access(folder, os.W_OK):
            raise DatasetError(f"cannot write to {folder}: give a --data-dir you can write to")
        _download(file, folder, progress)
    there = [found(family, file, home) for file in family.files]
    return [item.path for item in there if item is not None]
