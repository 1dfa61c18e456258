"""What is in a store, as polars frames: the reader's side of every command.

    db = geoflow.open("geoflow.duckdb")
    db.query("select * from optimal_k where dataset = $name", name="digits_3v8")
    db.view("ricci_coefficients")
    db.graph("quickstart/digits_3v8-narrow-5-0", layer=1, k=8)

The file is opened read-only for each question and closed at once, so others can write in between;
`Database.held` keeps it open for several.
"""

import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

import polars as pl

from geoflow.errors import SpecError, unknown
from geoflow.machine.wholefile import refuse_output, write_whole
from geoflow.specs.kinds import EXPORT_FORMATS
from geoflow.store import holding, query, refuse_damaged
from geoflow.store._reader import Ask
from geoflow.store._sqlfiles import FOLDERS, SqlFile, relations, sql_files
from geoflow.text.formats import encoded

if TYPE_CHECKING:
    import igraph

TURN_SECONDS = 1.0
"""How long many questions keep a store from its writers, if none of them takes longer."""

Item = TypeVar("Item")


def default_db() -> Path:
    """Return the store named by GEOFLOW_DB, else ``geoflow.duckdb`` in the current folder."""
    return Path(os.environ.get("GEOFLOW_DB") or "geoflow.duckdb")


def open(db: Path | str | None = None) -> "Database":  # noqa: A001
    """Return a store to read; by default that of GEOFLOW_DB, else ``geoflow.duckdb`` here.

    Raises StoreError if there is none, or if it is not one this geoflow can read.
    """
    database = Database(Path(db) if db is not None else default_db())
    database.query("from store_info")
    return database


def readable() -> dict[str, SqlFile]:
    """Return every table and view by name."""
    return {file.name: file for file in relations() if file.is_readable}


class Database:
    """A store to read. Every method opens the file, reads, and closes it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __repr__(self) -> str:
        return f"geoflow.open({str(self.path)!r})"

    def query(self, sql: str, **params: Any) -> pl.DataFrame:
        """Return the rows of a SQL statement; ``$name`` stands for the parameter ``name``."""
        return query(self.path, sql, params)

    @contextmanager
    def held(self, keeps_views: bool = False) -> Iterator["Database"]:
        """Yield the store open for several questions about one state of it, such as a page.

        Nobody can write to it meanwhile. keeps_views: for many questions of the same views, which
        are then computed once and kept in memory.
        """
        with holding(self.path, keeps_views=keeps_views) as ask:
            yield HeldDatabase(self.path, ask)

    def in_turns(self, items: Iterable[Item]) -> Generator[tuple["Database", Item], None, None]:
        """Yield the store, open, with each of some items; writers get in after every second.

        Close it where not all are taken.
        """
        left = list(reversed(list(items)))
        while left:
            with self.held() as store:
                until = monotonic() + TURN_SECONDS
                yield store, left.pop()
                while left and monotonic() < until:
                    yield store, left.pop()

    def view(self, name: str) -> pl.DataFrame:
        """Return a whole table or view; see ``geoflow views`` for what there is."""
        if name not in readable():
            raise unknown("view", name, readable(), "see `geoflow views`")
        return self.query(f"from {name}")

    def graph(
        self, network: str, layer: int, k: int, convention: str | None = None
    ) -> "igraph.Graph":
        """Return a layer graph with what is known of its points and edges as attributes.

        layer: 0 = input, 1..L, L + 1 = output. k: at most the rank up to which neighbours are kept.
        convention: may be left out where only one is stored. Vertices have ``point`` and ``label``,
        edges ``distance`` (Euclidean) and ``forman`` = 4 - deg i - deg j. Directed where the
        convention is.
        """
        import igraph

        layers = self.layers(network)
        if layer not in layers:
            raise SpecError(
                f"network '{network}' has no layer {layer}: its layers are 0 to {max(layers)}"
            )
        layer_id = layers[layer]
        convention = convention or self.query("select convention_of($id, null)", id=layer_id).item()
        edges = self.query(
            "from edges_of($id, $k, convention := $convention) order by source, target",
            id=layer_id,
            k=k,
            convention=convention,
        )
        points = self.query(
            "select point, label from neighbors as n join layers as l using (layer_id) left join"
            " samples as s using (dataset_id, point) where layer_id = $id and rank = 1"
            " order by point",
            id=layer_id,
        )
        graph = igraph.Graph(
            n=points.height,
            edges=edges.select("source", "target").to_numpy(),
            directed=convention == "directed",
        )
        graph.vs["point"] = points["point"].to_list()
        graph.vs["label"] = points["label"].to_list()
        graph.es["distance"] = edges["distance"].to_list()
        graph.es["forman"] = edges["forman"].to_list()
        return graph

    def layers(self, network: str) -> dict[int, int]:
        """Return the keys of a network's layers by their index."""
        rows = self.query(
            "select l.layer, l.layer_id from network_layers as l join networks as n"
            " using (network_id) where n.name = $network order by l.layer",
            network=network,
        )
        if rows.is_empty():
            names = self.query("select network from network_labels")["network"].to_list()
            raise unknown("network", network, names, "see `geoflow networks`")
        return dict(rows.iter_rows())

    def networks(self, study: str | None = None, dataset: str | None = None) -> pl.DataFrame:
        """Return one row per network and convention; see the view ``network_summary``."""
        for column, name in (("study", study), ("dataset", dataset)):
            known = self.query(f"select distinct {column} as name from network_summary")["name"]
            if name is not None and name not in known:
                raise unknown(column, name, known, "see `geoflow networks`")
        return self.query(
            "from network_summary where coalesce(study = $study, true)"
            " and coalesce(dataset = $dataset, true) order by network_id, convention",
            study=study,
            dataset=dataset,
        )

    def show(self, network: str) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """Return the summary, the layer graphs and the Ricci coefficients of a network.

        network: its name, or that of a snapshot, such as ``quickstart/digits_3v8-wide-5-0@10``.
        """
        summary = self.query("from network_summary where network = $name", name=network)
        if summary.is_empty():
            summary = self.query(
                "select n.network_id, n.name as network, f.name as final, n.study, n.width,"
                " n.widths, n.depth, n.seed, n.epochs, n.train_accuracy, n.test_accuracy, n.status,"
                " n.reason from networks as n join networks as f on f.network_id = n.final_id"
                " where n.name = $name",
                name=network,
            )
        if summary.is_empty():
            self.layers(network)
        graphs = (
            "select l.layer, l.is_output, l.n_units, l.n_distinct, g.k, g.convention, g.n_edges,"
            " g.n_components, g.total_forman, g.total_geodesic, g.diameter, g.degree_skewness"
            " from graphs as g join network_layers as l using (layer_id)"
            " join networks as n using (network_id)"
            " where n.name = $name order by g.convention, g.k, l.layer"
        )
        coefficients = (
            "select c.k, c.convention, c.start, c.end, c.n_steps, c.ricci_coefficient, c.z_fisher,"
            " c.z_paper, c.reason from network_coefficients as c join networks as n"
            " using (network_id) where n.name = $name order by c.convention, c.start, c.end,"
            " c.k"
        )
        return (
            summary,
            self.query(graphs, name=network),
            self.query(coefficients, name=network),
        )

    def check(self) -> pl.DataFrame:
        """Run every check on the stored data: one row per check, 0 offences where it holds.

        Raises StoreError, which names the tables, where the file is damaged.
        """
        refuse_damaged(self.path)
        with closing(self.in_turns(sql_files("checks"))) as turns:
            rows = [
                {
                    "check": file.name,
                    "n_offences": store.query(file.statement).height,
                    "holds": file.title,
                }
                for store, file in turns
            ]
        return pl.DataFrame(rows)

    def export(
        self, folder: Path | str, names: Sequence[str] = (), file_format: str = EXPORT_FORMATS[0]
    ) -> list[Path]:
        """Write tables and views to files, one each, all of them if none is named.

        A file is written whole or not at all. Raises SpecError for one that cannot be written, and
        before anything is for one that is the store.
        """
        if file_format not in EXPORT_FORMATS:
            raise unknown("format", file_format, EXPORT_FORMATS, "choose one of these")
        for name in names:
            if name not in readable():
                raise unknown("view", name, readable(), "see `geoflow views`")
        target, chosen = Path(folder), names or list(readable())
        paths = [target / f"{name}.{file_format}" for name in chosen]
        self.query("from store_info")
        try:
            target.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SpecError(f"cannot write to {target} ({error.strerror}): name another") from None
        for path in paths:
            refuse_output(path, self.path)
        with closing(self.in_turns(zip(chosen, paths, strict=True))) as turns:
            for store, (name, path) in turns:
                write_whole(path, encoded(store.view(name), file_format))
        return paths


class HeldDatabase(Database):
    """A store that is open while it is read: see `Database.held`."""

    def __init__(self, path: Path, ask: Ask) -> None:
        super().__init__(path)
        self.ask = ask

    def query(self, sql: str, **params: Any) -> pl.DataFrame:
        """Return the rows of a SQL statement; ``$name`` stands for the parameter ``name``."""
        return self.ask(sql, params)


def catalogue() -> pl.DataFrame:
    """Return every table, view and macro: its name, kind, what it is, and what a row is."""
    return pl.DataFrame(
        [
            {
                "name": file.name,
                "kind": file.kind,
                "title": file.title,
                "grain": file.grain,
                "formula": file.formula,
                "source": file.source,
            }
            for folder in reversed(FOLDERS)
            for file in sorted(sql_files(folder), key=lambda file: file.name)
        ]
    )


def described(name: str) -> tuple[SqlFile, pl.DataFrame]:
    """Return a table, view or macro and its columns with what they say."""
    files = {file.name: file for file in relations()}
    if name not in files:
        raise unknown("view", name, files, "see `geoflow views`")
    columns = files[name].columns
    frame = pl.DataFrame(
        {"column": list(columns), "meaning": list(columns.values())},
        schema={"column": pl.String, "meaning": pl.String},
    )
    return files[name], frame
