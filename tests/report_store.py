"""A small store for reports: two studies with networks that are left out for every reason."""

import duckdb
import numpy as np

from geoflow.specs import GeometrySpec

STUDY, OTHER = "it's <b> & co", "un<i>trained"
OWN = "own <data>\x1b[31m\u202e"
"""Names that a careless page takes for HTML or lets turn its text, and careless SQL for its end."""
K = (10, 15, 20, 30)
KINDS = (("narrow", 5), ("wide", 5), ("bottleneck", 5), ("wide", 6))
SPEC = """
widths = ["narrow"]
depths = [5]
[[datasets]]
name = "synthetic_a"
k = [10]
"""
THRESHOLD = 0.9


def members(rng, study, dataset, kinds):
    """Yield four networks of each kind: one torn; of ('wide', 6) none, of the others most accurate.

    Two halves of 20 far apart are connected from k = 20 on. Every ('bottleneck', 5) is torn.
    """
    for width, depth in kinds:
        for replica in range(4):
            hidden = [rng.normal(size=(40, 3)) * rng.uniform(1, 3, 3) for _ in range(depth)]
            if width == "bottleneck" or replica == 3:
                hidden[1][:20] += 1e3
            poor = depth == 6 or (width, replica) == ("narrow", 0)
            yield (
                {
                    "name": f"{study}/{dataset}-{width}-{depth}-{replica}",
                    "width": width,
                    "replica": replica,
                    "test_accuracy": THRESHOLD if poor else rng.uniform(0.91, 1),
                    "accuracy_threshold": THRESHOLD,
                },
                hidden,
            )


def build_store(folder, write):
    """Write a store of two studies, g.duckdb, and the TOML file of the first; return the folder."""
    rng = np.random.default_rng(1)
    points = rng.normal(size=(40, 3))
    spec = GeometrySpec(K, ("directed", "union"), detail="graphs")
    for study, dataset, kinds in (
        (STUDY, "synthetic_a", KINDS),
        (STUDY, OWN, KINDS[:1]),
        (OTHER, "synthetic_a", KINDS[:2]),
    ):
        networks = list(members(rng, study, dataset, kinds))
        given = points + (dataset == OWN)  # a data set is its points, whatever its name
        write(folder / "g.duckdb", dataset, given, networks, spec, study=study)
    with duckdb.connect(str(folder / "g.duckdb")) as connection:
        connection.execute(
            "insert into regression_terms values"
            " ($study, 'directed', 'hidden', 'hidden', 'test_accuracy', 'all', 'z_paper',"
            " 'z_paper', -1e-3, 5e-4, -2.1, 0.04, 9, .4),"
            " ($study, 'directed', 'hidden', 'hidden', 'test_accuracy', 'all', 'z_paper',"
            " 'intercept', 1, 1, 77, 0.5, 9, 0.4)",
            {"study": STUDY},
        )
    (folder / f"{STUDY}.toml").write_text(SPEC)
    return folder
