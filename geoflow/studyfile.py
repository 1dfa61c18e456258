"""Reads a study from a TOML file: one shipped with geoflow, by name, or a user's own, by path.

A file has ``widths`` and ``depths`` (every combination is a cell) or ``architectures`` (lists of
widths), ``replicas``, and one ``[[datasets]]`` table each with ``name``, ``k`` and, if wanted,
``threshold``, ``seed``, ``n_train``, ``n_test``, ``scale`` and ``options``. ``[recipe]`` holds
fields of `geoflow.specs.Recipe` for all data sets, ``[datasets.recipe]`` those that differ for
one. `geoflow/studies/quickstart.toml` is an example.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from geoflow.errors import SpecError, unknown
from geoflow.specs import (
    Architecture,
    DatasetSpec,
    Recipe,
    StudyDataset,
    StudySpec,
    architecture,
    whole_numbers,
)

SHIPPED = Path(__file__).parent / "studies"

STUDY_KEYS = {
    "title", "widths", "depths", "architectures", "replicas", "seed", "recipe", "conventions",
    "detail", "store_rank", "n_sources", "datasets",
}  # fmt: skip
DATASET_KEYS = {"name", "k", "threshold", "seed", "n_train", "n_test", "scale", "options", "recipe"}


def shipped() -> list[str]:
    """Return the names of the studies that come with geoflow.

    >>> "quickstart" in shipped()
    True
    """
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def study_spec(name_or_path: str) -> StudySpec:
    """Return the study of a shipped name or of a TOML file.

    >>> study_spec("quickstart").n_networks
    72
    """
    path = Path(name_or_path)
    if name_or_path in shipped():
        path = SHIPPED / f"{name_or_path}.toml"
    elif path.suffix != ".toml":
        raise unknown("study", name_or_path, shipped(), "or give the path of a .toml file")
    elif not path.is_file():
        raise SpecError(f"no study file {path}: shipped studies are {', '.join(shipped())}")
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SpecError(f"{path} is not valid TOML: {error}") from None
    try:
        return spec_of(path.stem, content)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise SpecError(f"{path}: a value is of the wrong kind ({error})") from None
    except SpecError as error:
        raise SpecError(f"{path}: {error}") from None


def spec_of(name: str, content: Mapping[str, Any]) -> StudySpec:
    """Return the study that a parsed TOML file describes."""
    refuse_unknown("key", content, STUDY_KEYS)
    shared = content.get("recipe", {})
    rest = {
        key: content[key] for key in ("seed", "detail", "store_rank", "n_sources") if key in content
    }
    if "conventions" in content:
        named = content["conventions"]
        rest["conventions"] = (named,) if isinstance(named, str) else tuple(named)
    return StudySpec(
        name=name,
        datasets=tuple(study_dataset(table, shared) for table in content.get("datasets", ())),
        architectures=architectures(content),
        replicas=content.get("replicas", 1),
        **rest,
    )


def architectures(content: Mapping[str, Any]) -> tuple[Architecture, ...]:
    """Return widths x depths, then the listed architectures."""
    grid = [
        architecture(w, d) for w in content.get("widths", ()) for d in content.get("depths", ())
    ]
    return (*grid, *(architecture(widths) for widths in content.get("architectures", ())))


def study_dataset(table: Mapping[str, Any], shared: Mapping[str, Any]) -> StudyDataset:
    """Return one ``[[datasets]]`` table; its recipe overrides the shared one field by field."""
    refuse_unknown("key of [[datasets]]", table, DATASET_KEYS)
    if "name" not in table or not table.get("k"):
        raise SpecError("a [[datasets]] table needs name and k, for instance k = [10, 20]")
    recipe = {**shared, **table.get("recipe", {})}
    refuse_unknown("recipe key", recipe, {field.name for field in fields(Recipe)})
    own = ("k", "threshold", "recipe")
    spec = DatasetSpec(**{key: table[key] for key in table if key not in own})
    threshold = table.get("threshold")
    if threshold is not None and not isinstance(threshold, int | float):
        raise SpecError(f"threshold is {threshold!r}: give a share such as 0.95")
    return StudyDataset(spec, whole_numbers(table["k"]), threshold, Recipe(**recipe))


def refuse_unknown(kind: str, given: Mapping[str, Any], known: set[str]) -> None:
    """Refuse keys nobody reads: a misspelt one would be a default in silence."""
    for key in given:
        if key not in known:
            raise unknown(kind, key, known, "remove or correct it")
