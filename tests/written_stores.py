"""What tests of studies ask of a store: its tables, whether two are the same, how far it is."""

import time

import polars as pl
from polars.testing import assert_frame_equal

import geoflow
from geoflow.errors import GeoflowError
from geoflow.store._derived import DERIVED
from geoflow.store._sqlfiles import sql_files

OF_RUNS = ("runs", "failed_cells", "store_info")
"""Tables that say how a store was written, not what is in it."""

TABLES = [file.name for file in sql_files("tables") if file.name not in OF_RUNS]


def tables(db):
    """Return every table without what differs from run to run."""
    with geoflow.open(db).held() as store:
        frames = {name: store.view(name) for name in TABLES}
    frames["networks"] = frames["networks"].drop("seconds", "run_id")
    return frames


COMPUTED = DERIVED
"""Tables that SQL makes of others."""


def assert_same(one, other):
    for name, frame in one.items():
        if name in COMPUTED:  # SQL sums in no order: the last bits differ
            keys = [column for column, kind in frame.schema.items() if not kind.is_float()]
            pair = [each.sort(keys) for each in (frame, other[name])]
            assert_frame_equal(*pair, rel_tol=1e-9, abs_tol=1e-12)
            continue
        assert frame.equals(other[name], null_equal=True), name


def wait_for_networks(process, db, enough=1):
    """Wait until a store has some networks, or a process ended; who looks on holds writers up."""
    while process.poll() is None and networks_in(db) < enough:
        time.sleep(0.2)


def networks_in(db):
    try:
        return geoflow.open(db).view("networks").height if db.exists() else 0
    except GeoflowError:
        return 0


def natural(db):
    """Return every table with names in place of keys and its rows sorted."""
    frames = tables(db)
    networks, datasets = frames["networks"], frames["datasets"]
    names = {
        "network_id": dict(networks.select("network_id", "name").rows()) | {None: "input"},
        "dataset_id": dict(datasets.select("dataset_id", "name").rows()),
    }
    names["final_id"] = names["network_id"]
    names["layer_id"] = {
        row["layer_id"]: f"{names['dataset_id'][row['dataset_id']]}"
        f" {names['network_id'][row['network_id']]} {row['layer']}"
        for row in frames["layers"].iter_rows(named=True)
    }
    names["graph_id"] = {
        row["graph_id"]: f"{names['layer_id'][row['layer_id']]} {row['k']} {row['convention']}"
        for row in frames["graphs"].iter_rows(named=True)
    }

    def rows(frame):
        if {"other", "correlation"} <= set(frame.columns):  # noise about 0 has no digits
            frame = frame.with_columns(pl.col("correlation").round(9))
        short = frame.with_columns(pl.selectors.float().round_sig_figs(6))
        for row in short.iter_rows(named=True):
            yield {key: names[key][one] if key in names else plain(one) for key, one in row.items()}

    return {name: sorted(map(repr, rows(frame))) for name, frame in frames.items()}


def plain(value):
    """Return a value, 0 for -0."""
    return value + 0.0 if isinstance(value, float) else value
