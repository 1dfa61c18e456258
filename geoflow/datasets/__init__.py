"""Data sets by name: synthetic, carried by scikit-learn, or read from files.

    load(DatasetSpec("mnist_1v7"))   the points, and the spec with every default filled in
    load(dataset_of_file("wine.csv", label="quality"))   those of a user's own file
    listing()                        what there is
    fetch("mnist")                   download what is read from files

Importing this package imports neither scikit-learn nor pooch.
"""

from dataclasses import replace
from pathlib import Path

from geoflow.datasets._catalogue import Catalogue, bundled_catalogue
from geoflow.datasets._dataset import Dataset, Listing, Sizes
from geoflow.datasets._download import fetch
from geoflow.datasets._files import data_home, is_present
from geoflow.datasets._images import image_parts
from geoflow.datasets._offline import offline_parts
from geoflow.datasets._problems import Problem, problem
from geoflow.datasets._rows import checked_n, rows_by_class
from geoflow.datasets._scale import checked_scale, scaled
from geoflow.datasets._synthetic import SYNTHETIC, N, filled_spec, synthetic_dataset
from geoflow.errors import SpecError
from geoflow.specs import DatasetSpec

__all__ = ["Dataset", "Listing", "Sizes", "data_home", "fetch", "listing", "load", "sizes"]


def _check(spec: DatasetSpec, chosen: Problem) -> str:
    """Refuse what does not fit a catalogued data set before any file is opened; return its scale.

    Sizes are checked against the catalogue, which the files are checked against when read.
    """
    name, n_classes = chosen.name, len(chosen.classes)
    if spec.options:
        listed = ", ".join(spec.options)
        raise SpecError(f"data set '{name}' has no options: drop {listed}")
    scale = checked_scale(spec.scale, name)
    sizes = ((spec.n_train, "n_train", chosen.n_train), (spec.n_test, "n_test", chosen.n_test))
    for n, what, available in sizes:
        if n is not None:
            checked_n(n, n_classes, f"{what} of data set '{name}'", available)
    return scale


def load(
    spec: DatasetSpec, data_dir: Path | None = None, *, families: Catalogue | None = None
) -> Dataset:
    """Return the data set of a spec; training and test rows are ordered by class, class 0 first.

    Inside a class the rows keep the order of the published files. A recipe that validates on the
    last rows therefore sees the last class only, as the published code of the 2024 paper does:
    shuffle first if that is not meant. The seed draws synthetic points and splits the data of
    scikit-learn; published files have their own split, which no seed changes.

    >>> digits = load(DatasetSpec("digits_3v8"))
    >>> digits.x_train.shape, digits.x_test.shape, digits.classes
    ((179, 64), (178, 64), ('3', '8'))
    """
    if spec.file is not None:
        from geoflow.datasets._userfile import file_dataset  # polars: of use here alone

        return file_dataset(spec)
    if spec.name in SYNTHETIC:
        return synthetic_dataset(spec)
    chosen = problem(spec.name, bundled_catalogue() if families is None else families, SYNTHETIC)
    scale, family = _check(spec, chosen), chosen.family
    if family.reader == "scikit-learn":
        train, test = offline_parts(family.name, spec.seed)
    else:
        train, test = image_parts(family, data_home(data_dir), spec.name)
    rows, y_train = rows_by_class(train.labels, chosen.groups, spec.n_train)
    x_train = scaled(train.x[rows], scale, family.divisor, train.x)
    rows, y_test = rows_by_class(test.labels, chosen.groups, spec.n_test)
    x_test = scaled(test.x[rows], scale, family.divisor, train.x)
    resolved = replace(spec, n_train=len(y_train), n_test=len(y_test), scale=scale, options={})
    return Dataset(resolved, x_train, y_train, x_test, y_test, chosen.classes, family.reference)


def sizes(spec: DatasetSpec, *, families: Catalogue | None = None) -> Sizes:
    """Return how large the data set of a spec is; no point is drawn, and no file opened but a
    user's own.

    Refuses what `load` refuses of the spec itself.

    >>> sizes(DatasetSpec("mnist_1v7", n_test=1000))
    Sizes(n_train=13007, n_test=1000, n_features=784, n_classes=2, n_read=70000)
    """
    if spec.file is not None:
        from geoflow.datasets._userfile import file_sizes

        return file_sizes(spec)
    if spec.name in SYNTHETIC:
        whole, made = filled_spec(spec), SYNTHETIC[spec.name]
        return Sizes(whole.n_train or N, whole.n_test or N, made.n_features, len(made.classes), 0)
    chosen = problem(spec.name, bundled_catalogue() if families is None else families, SYNTHETIC)
    _check(spec, chosen)
    family = chosen.family
    return Sizes(
        spec.n_train or chosen.n_train,
        spec.n_test or chosen.n_test,
        family.n_features,
        len(chosen.classes),
        sum(family.train_counts) + sum(family.test_counts),
    )


def listing(data_dir: Path | None = None, *, families: Catalogue | None = None) -> list[Listing]:
    """Return the named data sets with their default sizes; no data file is opened.

    Other pairs of MNIST, Fashion-MNIST and digits load too, such as `mnist_3v5`.

    >>> [row.name for row in listing()][:3]
    ['synthetic_a', 'synthetic_b', 'synthetic_c']
    """
    rows = [
        Listing(name, N, N, made.n_features, len(made.classes), made.source, True)
        for name, made in SYNTHETIC.items()
    ]
    families = bundled_catalogue() if families is None else families
    for family in families.values():
        there = is_present(family, data_home(data_dir))
        for name in family.named:
            one = problem(name, families)
            sizes = one.n_train, one.n_test, family.n_features, len(one.classes)
            rows.append(Listing(name, *sizes, family.reference, there))
    return rows
