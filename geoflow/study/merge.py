"""Stores of several machines become one: networks by name, each with the run that made it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from geoflow.errors import SpecError
from geoflow.store import Writer, holding, make_ready
from geoflow.store.merging import TakenIn, made_whole, refuse_itself
from geoflow.store.request import as_json
from geoflow.study._regression import SQL, regression_terms


@dataclass(frozen=True)
class Merged:
    """What `merge_studies` did: networks written, those that were there alike, the studies."""

    n_written: int
    n_alike: int
    studies: tuple[str, ...]


def merge_studies(stores: Sequence[Path | str], into: Path | str) -> Merged:
    """Take all networks of some stores into one store, which is made if it is not there.

    Networks of one name are taken once; they must have the same recipe, outcome, data and graphs,
    or nothing is written at all. Runs, scores of a user's own and failed cells come with them, less
    the cells that other stores have; what SQL and regressions make of networks is made anew. One
    transaction: whatever is killed, ``into`` is as it was or whole. Raises StoreError.
    """
    sources, path = [Path(one) for one in stores], Path(into)
    if not sources:
        raise SpecError("there is nothing to merge: name one store or more")
    make_ready(path)
    refuse_itself(sources, path)
    asked = as_json({"stores": [str(one) for one in sources], "into": str(path)})
    words = f"merge_studies({', '.join(map(str, sources))})"
    with made_whole(path) as place:
        writer = Writer(place, words, None, request=asked)
        with writer.writing() as store:
            taken = TakenIn(store, path)
            for source in sources:
                with holding(source) as ask:
                    taken.take(ask, source)
            for study in taken.studies:
                terms = regression_terms(store.ask(SQL, {"study": study}))
                store.replace_regression(study, terms)
        writer.finish()
    return Merged(taken.n_written, taken.n_alike, tuple(sorted(taken.studies)))
