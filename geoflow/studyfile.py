"""Reads studies from a TOML file: one shipped with geoflow, by name, or a user's own, by path.

A file has ``widths`` and ``depths`` (every combination is a cell) or ``architectures`` (lists of
widths), ``replicas``, and one ``[[datasets]]`` table each with ``name``, ``k`` and, if wanted,
``threshold``, ``seed``, ``n_train``, ``n_test``, ``scale`` and ``options``. ``[recipe]`` holds
fields of `geoflow.specs.Recipe` for all data sets, ``[datasets.recipe]`` those that differ for
one. ``snapshots = [0, 1, 5]`` measures networks after these epochs too. ``family``, ``batch_norm``
and ``memory_order`` are those of `geoflow.specs.Architecture`, for all networks.

``base = "paper"`` starts from a shipped study: keys of the file replace or, for recipes, extend
its keys. ``only_datasets`` keeps some of its data sets, ``[all_datasets]`` replaces keys in each.
``[variants.NAME]`` tables hold the same keys and make one study each, named FILE/NAME.
`geoflow/studies` has examples: quickstart.toml, controls.toml.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from geoflow.errors import SpecError, unknown
from geoflow.shown import short
from geoflow.specs import (
    Architecture,
    DatasetSpec,
    Recipe,
    StudyDataset,
    StudySpec,
    TransportSpec,
    architecture,
    usual_conventions,
    whole_numbers,
)
from geoflow.userfiles import fault

SHIPPED = Path(__file__).parent / "studies"

STUDY_KEYS = {
    "title", "widths", "depths", "architectures", "replicas", "seed", "recipe", "conventions",
    "detail", "store_rank", "n_sources", "curvatures", "alphas", "datasets", "only_datasets",
    "all_datasets", "snapshots", "transport", "family", "batch_norm", "memory_order",
}  # fmt: skip
DATASET_KEYS = {"name", "k", "threshold", "seed", "n_train", "n_test", "scale", "options", "recipe"}


def shipped() -> list[str]:
    """Return the names of the studies that come with geoflow.

    >>> "quickstart" in shipped()
    True
    """
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


def study_spec(name_or_path: str) -> StudySpec:
    """Return the one study of a shipped name or of a TOML file without variants.

    >>> study_spec("quickstart").n_networks
    72
    """
    studies = study_specs(name_or_path)
    if len(studies) > 1:
        names = ", ".join(one.name for one in studies)
        raise SpecError(f"{name_or_path} holds several studies ({names}): use study_specs")
    return studies[0]


def study_specs(name_or_path: str) -> list[StudySpec]:
    """Return the studies of a shipped name or of a TOML file: one, or one for each variant.

    >>> [study.name for study in study_specs("controls")]
    ['controls/untrained', 'controls/shuffled']
    """
    path = Path(name_or_path)
    if name_or_path in shipped():
        path = SHIPPED / f"{name_or_path}.toml"
    elif path.suffix != ".toml":
        raise unknown("study", name_or_path, shipped(), "or give the path of a .toml file")
    elif (why := fault(path)) is not None:
        raise SpecError(f"{short(path, 300)} cannot be read ({why}): give the path of a .toml file")
    elif not path.is_file():
        raise SpecError(f"no study file {path}: shipped studies are {', '.join(shipped())}")
    try:
        content = whole_content(path)
        variants = content.pop("variants", {})
        if not variants:
            return [spec_of(path.stem, content)]
        return [
            spec_of(f"{path.stem}/{name}", extended(content, one)) for name, one in variants.items()
        ]
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise SpecError(f"{path}: a value is of the wrong kind ({error})") from None
    except SpecError as error:
        raise SpecError(f"{path}: {error}") from None


def whole_content(path: Path) -> dict[str, Any]:
    """Return what a file says, on top of what its base says."""
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SpecError(f"not valid TOML: {error}") from None
    except OSError as error:
        raise SpecError(f"cannot be read ({error.strerror})") from None
    base = content.pop("base", None)
    if base is None:
        return content
    if base not in shipped():
        raise unknown("base", base, shipped(), "choose a shipped study")
    return extended(whole_content(SHIPPED / f"{base}.toml"), content)


def extended(content: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Return content with keys replaced by more; tables are merged key by key.

    >>> extended({"recipe": {"epochs": 50, "decay": 0.9}, "seed": 0}, {"recipe": {"epochs": 5}})
    {'recipe': {'epochs': 5, 'decay': 0.9}, 'seed': 0}
    """
    merged = dict(content)
    for key, value in more.items():
        is_table = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = extended(merged[key], value) if is_table else value
    return merged


def spec_of(name: str, content: Mapping[str, Any]) -> StudySpec:
    """Return the study that a parsed TOML file describes."""
    refuse_unknown("key", content, STUDY_KEYS)
    shared = content.get("recipe", {})
    rest = {
        key: content[key] for key in ("seed", "detail", "store_rank", "n_sources") if key in content
    }
    for key in ("conventions", "curvatures", "alphas"):
        if key in content:
            named = content[key]
            rest[key] = tuple(named) if isinstance(named, list) else (named,)
    if "conventions" not in content:
        rest["conventions"] = usual_conventions(rest.get("curvatures", ()))
    if (asked := content.get("transport", False)) is not False:
        rest["transport"] = transport_spec(asked)
    if "snapshots" in content:
        rest["snapshots"] = whole_numbers(content["snapshots"], "snapshots")
    return StudySpec(
        name=name,
        datasets=tuple(study_dataset(table, shared) for table in dataset_tables(content)),
        architectures=architectures(content),
        replicas=content.get("replicas", 1),
        **rest,
    )


def transport_spec(asked: Any) -> TransportSpec:
    """Return what ``transport = true`` or a table ``[transport]`` asks for."""
    if asked is True:
        return TransportSpec()
    refuse_unknown("key of [transport]", asked, {field.name for field in fields(TransportSpec)})
    radii = {"radii": tuple(asked["radii"])} if "radii" in asked else {}
    return TransportSpec(**{**asked, **radii})


def dataset_tables(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the ``[[datasets]]`` tables that are kept, with the keys of ``[all_datasets]``."""
    tables = content.get("datasets", [])
    names = [table.get("name") for table in tables]
    kept = content.get("only_datasets", names)
    for name in kept:
        if name not in names:
            raise unknown("data set in only_datasets", name, names, "choose from these")
    changes = content.get("all_datasets", {})
    refuse_unknown("key of [all_datasets]", changes, DATASET_KEYS - {"name"})
    return [extended(table, changes) for table in tables if table.get("name") in kept]


def architectures(content: Mapping[str, Any]) -> tuple[Architecture, ...]:
    """Return widths x depths, then the listed architectures."""
    kind = {key: content[key] for key in ("family", "batch_norm", "memory_order") if key in content}
    grid = [
        architecture(w, d, **kind)
        for w in content.get("widths", ())
        for d in content.get("depths", ())
    ]
    return (*grid, *(architecture(widths, **kind) for widths in content.get("architectures", ())))


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
