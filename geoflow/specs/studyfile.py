"""Reads studies from a TOML file: one shipped with geoflow, by name, or a user's own, by path.

A file has ``widths`` and ``depths`` (every combination is a cell) or ``architectures`` (lists of
widths), ``replicas``, and one ``[[datasets]]`` table each with ``name``, ``k`` and, if wanted,
``threshold``, ``seed``, ``n_train``, ``n_test``, ``scale`` and ``options``; in place of a name
``path``, of a file beside the TOML file, with the fields of `FileSpec`. ``[recipe]`` holds
fields of `geoflow.specs.Recipe` for all data sets, ``[datasets.recipe]`` those that differ for
one. ``snapshots = [0, 1, 5]`` measures networks after these epochs too. ``family``, ``batch_norm``
and ``memory_order`` are those of `geoflow.specs.Architecture`, for all networks; ``convention``,
``detail``, ``curvatures`` and the like those of `geoflow.specs.GeometryOptions`. ``conventions``
is another word for ``convention``.

``base = "paper"`` starts from a shipped study: keys of the file replace or, for recipes, extend
its keys. ``only_datasets`` keeps some of its data sets, ``[all_datasets]`` replaces keys in each.
``[variants.NAME]`` tables hold the same keys and make one study each, named FILE/NAME.
`geoflow/specs/studies` has examples: quickstart.toml, controls.toml.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from geoflow.errors import SpecError, refuse_unknown, unknown
from geoflow.machine.userfiles import fault, open_regular
from geoflow.specs import (
    MOST_LAYERS,
    Architecture,
    DatasetSpec,
    FileSpec,
    GeometryOptions,
    Recipe,
    StudyDataset,
    StudySpec,
    TransportSpec,
    architecture,
    dataset_of_file,
    refuse_many,
)
from geoflow.specs.values import Several, Table, Text, Whole, about, brief
from geoflow.text.shown import short

SHIPPED = Path(__file__).parent / "studies"

MOST_BYTES = 100_000
MOST_DOTS = 1_000
"""Of a study file; the longest that comes with geoflow has 2,000."""

STUDY_FIELDS = {"replicas", "snapshots", *(one.name for one in fields(GeometryOptions))} - {
    "device"
}
"""Keys of a file that are fields of `geoflow.specs.StudySpec` as they stand. The device is no part
of a study: it is for the machine at hand."""

STUDY_KEYS = {
    *STUDY_FIELDS, "title", "widths", "depths", "architectures", "recipe", "datasets",
    "only_datasets", "all_datasets", "transport", "family", "batch_norm", "memory_order",
}  # fmt: skip
FILE_KEYS = {one.name for one in fields(FileSpec)}
DATASET_KEYS = {
    "name", "k", "threshold", "seed", "n_train", "n_test", "scale", "options", "recipe", *FILE_KEYS,
}  # fmt: skip


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
    path = study_path(name_or_path)
    try:
        content = whole_content(path)
        variants = Table(Table()).checked("variants", content.pop("variants", {}))
        if not variants:
            return [spec_of(path.stem, content, path.parent)]
        return [
            spec_of(f"{path.stem}/{name}", extended(content, one), path.parent)
            for name, one in variants.items()
        ]
    except RecursionError:
        raise SpecError(f"{path}: tables or lists are nested too deep") from None
    except SpecError as error:
        raise SpecError(f"{path}: {error}") from None


def study_path(name_or_path: str) -> Path:
    """Return the file of a shipped study or a user's own."""
    if name_or_path in shipped():
        return SHIPPED / f"{name_or_path}.toml"
    path = Path(name_or_path)
    if path.suffix != ".toml":
        raise unknown("study", name_or_path, shipped(), "or give the path of a .toml file")
    if (why := fault(path)) is not None:
        raise SpecError(f"{short(path, 300)} cannot be read ({why}): give the path of a .toml file")
    if not path.is_file():
        raise SpecError(f"no study file {path}: shipped studies are {', '.join(shipped())}")
    return path


def whole_content(path: Path) -> dict[str, Any]:
    """Return what a file says, on top of what its base says."""
    content = toml_content(path)
    base = content.pop("base", None)
    if base is None:
        return content
    if Text().checked("base", base) not in shipped():
        raise unknown("base", base, shipped(), "choose a shipped study")
    return extended(whole_content(SHIPPED / f"{base}.toml"), content)


def toml_content(path: Path) -> dict[str, Any]:
    """Return the content of a TOML file of a size that a study can have."""
    try:
        with open_regular(path) as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise SpecError(f"it has more than {MOST_BYTES:,} bytes: no study file is that long")
        text = content.decode()
        if any(line.count(".") > MOST_DOTS for line in text.splitlines()):
            raise SpecError(f"nested too deep: a line has more than {MOST_DOTS} dots")
        return in_one_word(tomllib.loads(text))
    except UnicodeDecodeError:
        raise SpecError("not valid TOML: it is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise SpecError(f"not valid TOML: {error}") from None
    except SpecError:
        raise
    except ValueError:
        raise SpecError("not valid TOML: a number has thousands of digits") from None
    except OSError as error:
        raise SpecError(f"cannot be read ({error.strerror})") from None


def in_one_word(content: dict[str, Any]) -> dict[str, Any]:
    """Return a file's content, its variants' too, with ``convention`` where it has ``conventions``.

    >>> in_one_word({"conventions": ["union"], "seed": 1})
    {'convention': ['union'], 'seed': 1}
    """
    if {"convention", "conventions"} <= content.keys():
        raise SpecError("it has convention and conventions, which are one: keep one of them")
    words = {"conventions": "convention"}
    renamed = {words.get(key, key): value for key, value in content.items()}
    if isinstance(variants := renamed.get("variants"), dict):
        renamed["variants"] = {
            name: in_one_word(one) if isinstance(one, dict) else one
            for name, one in variants.items()
        }
    return renamed


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


def spec_of(name: str, content: Mapping[str, Any], folder: Path = Path()) -> StudySpec:
    """Return the study that a parsed TOML file describes; paths in it are seen from a folder."""
    refuse_unknown("key", content, STUDY_KEYS)
    Text(0, MOST_BYTES).checked("title", content.get("title", ""))
    rest = {key: content[key] for key in STUDY_FIELDS if key in content}
    if (asked := content.get("transport", False)) is not False:
        rest["transport"] = transport_spec(asked)
    shared = Table().checked("recipe", content.get("recipe", {}))
    kinds = architectures(content)
    tables = dataset_tables(content)
    return StudySpec(
        name=name,
        datasets=tuple(study_dataset(table, shared, folder) for table in tables),
        architectures=kinds,
        **{"replicas": 1, **rest},
    )


def transport_spec(asked: Any) -> TransportSpec:
    """Return what ``transport = true`` or a table ``[transport]`` asks for."""
    if asked is True:
        return TransportSpec()
    table = Table().checked("transport", asked)
    refuse_unknown("key of [transport]", table, {field.name for field in fields(TransportSpec)})
    return TransportSpec(**table)


def dataset_tables(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the ``[[datasets]]`` tables that are kept, with the keys of ``[all_datasets]``."""
    tables = Several(Table()).checked("datasets", content.get("datasets", []))
    for table in tables:
        Text().checked("path of a data set", table.get("path", "none"))
    names = [Text().checked("name of a data set", name_of(table)) for table in tables]
    kept = Several(Text()).checked("only_datasets", content.get("only_datasets", names))
    for name in kept:
        if name not in names:
            raise unknown("data set in only_datasets", name, names, "choose from these")
    changes = Table().checked("all_datasets", content.get("all_datasets", {}))
    refuse_unknown("key of [all_datasets]", changes, DATASET_KEYS - {"name", "path"})
    pairs = zip(names, tables, strict=True)
    return [extended({**table, "name": name}, changes) for name, table in pairs if name in kept]


def name_of(table: Mapping[str, Any]) -> Any:
    """Return the name of a ``[[datasets]]`` table: that of its file, where it has no other.

    >>> name_of({"path": "data/htru.csv"}), name_of({"name": "circles"})
    ('htru', 'circles')
    """
    is_named = "name" in table or not isinstance(table.get("path"), str)
    return table.get("name") if is_named else Path(table["path"]).stem


def architectures(content: Mapping[str, Any]) -> tuple[Architecture, ...]:
    """Return widths x depths, then the listed architectures."""
    kind = {key: content[key] for key in ("family", "batch_norm", "memory_order") if key in content}
    widths = listed_values("widths", content)
    depths = Several(Whole(1, MOST_LAYERS)).checked("depths", content.get("depths", []))
    others = listed_values("architectures", content)
    n_layers = len(widths) * sum(depths) + sum(len(one) for one in others if isinstance(one, list))
    refuse_many(len(widths) * len(depths) + len(others), n_layers, "the grid")
    grid = [architecture(w, d, **kind) for w in widths for d in depths]
    return (*grid, *(architecture(one, **kind) for one in others))


def listed_values(name: str, content: Mapping[str, Any]) -> list[Any]:
    """Return a list of a file, empty if it has none."""
    found = content.get(name, [])
    if not isinstance(found, list):
        raise SpecError(f"{name} must be a list, not {brief(found)}")
    return found


def study_dataset(
    table: Mapping[str, Any], shared: Mapping[str, Any], folder: Path
) -> StudyDataset:
    """Return one ``[[datasets]]`` table; its recipe overrides the shared one field by field."""
    refuse_unknown("key of [[datasets]]", table, DATASET_KEYS)
    if "k" not in table:
        raise SpecError(f"data set {brief(table['name'])} needs k, for instance k = [10, 20]")
    with about(f"data set {brief(table['name'])}"):
        recipe = {**shared, **Table().checked("recipe", table.get("recipe", {}))}
        refuse_unknown("recipe key", recipe, {field.name for field in fields(Recipe)})
        made = Recipe(**recipe)
    own = ("k", "threshold", "recipe")
    spec = dataset_spec_of({key: table[key] for key in table if key not in own}, folder)
    return StudyDataset(spec, table["k"], table.get("threshold"), made)


def dataset_spec_of(table: Mapping[str, Any], folder: Path) -> DatasetSpec:
    """Return the data set of a table, by name or in a file beside the study's."""
    if "path" in table:
        spec = dataset_of_file(**table)
        return replace(spec, file=spec.file and spec.file.beside(folder))
    if of_file := sorted(FILE_KEYS & table.keys()):
        raise SpecError(
            f"data set {brief(table['name'])} has {', '.join(of_file)}, but no path: give the path"
            " of its file"
        )
    return DatasetSpec(**table)
