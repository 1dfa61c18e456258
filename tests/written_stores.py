"""What tests of studies ask of a store: its tables, whether two are the same, how far it is."""

import geoflow
from geoflow.errors import GeoflowError

TABLES = (
    "datasets", "samples", "networks", "layers", "neighbors", "graphs", "hop_counts", "nodes",
    "edge_curvatures", "point_curvatures", "class_edges", "communities", "community_agreement",
    "predictions", "expansions", "class_curvatures",
)  # fmt: skip


def tables(db):
    """Return every table without what differs from run to run."""
    store = geoflow.open(db)
    frames = {name: store.view(name) for name in (*TABLES, "regression_terms")}
    frames["networks"] = frames["networks"].drop("seconds", "run_id")
    return frames


def assert_same(one, other):
    for name, frame in one.items():
        assert frame.equals(other[name], null_equal=True), name


def networks_in(db):
    try:
        return geoflow.open(db).view("networks").height if db.exists() else 0
    except GeoflowError:
        return 0
