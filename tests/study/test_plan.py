"""What of a study is to do, and studies that are made of other studies."""

import shutil
from dataclasses import asdict, replace
from functools import partial
from itertools import groupby
from pathlib import Path

import duckdb
import numpy as np
import pytest

from geoflow.errors import SpecError, StoreError
from geoflow.specs import DatasetSpec, Recipe, StudyDataset, StudySpec, architecture
from geoflow.specs.points import points_fingerprint
from geoflow.specs.studyfile import study_spec, study_specs
from geoflow.store import Writer
from geoflow.store.records import DatasetRecord, FailedCell
from geoflow.study._agenda import long_data_sets_first
from geoflow.study._cells import cells, settings, snapshot_settings
from geoflow.study._cost import cost_of
from geoflow.study.plan import Todo, still_to_do, usual_jobs
from geoflow.study.selection import chosen_cells, parsed_selection
from geoflow.study.status import failed_before, study_status

N_TRAIN = 100
POINTS = np.random.default_rng(0).normal(size=(12, 3))
RECORDS = {
    name: DatasetRecord(
        name, "test", *POINTS.shape, points_fingerprint(POINTS, None), n_train=N_TRAIN
    )
    for name in ("circles", "tori")
}
RECIPE = Recipe(epochs=2)
STUDY = StudySpec(
    "mine",
    tuple(StudyDataset(DatasetSpec(name), (3,), 0.9, RECIPE) for name in RECORDS),
    (architecture("4,4"), architecture("8,8,8")),
    replicas=3,
)
SYNTHETIC_K = (6, 7, 9, 10, 15, 18, 20, 30, 50, 90, 100, 120, 140, 150, 160, 180, 200)
IMAGE_K = (10, 20, 30, 50, 90, 100, 120, 150, 250, 350, 500)
LONGER = ("synthetic_a", "synthetic_b")
CONTROLS = ("controls/untrained", "controls/shuffled")


def cell_of(label, study=STUDY):
    (found,) = [cell for cell in cells(study) if cell.label == label]
    return found


@pytest.fixture
def db(tmp_path):
    return tmp_path / "g.duckdb"


@pytest.fixture(scope="module")
def put(write):
    """Return a function that writes untrained networks of a cell; it returns their run."""

    def put(db, cell, *replicas, **fields):
        rng = np.random.default_rng(1)
        row = {"test_accuracy": 0.95} | fields
        failed = row.get("status") == "failed"
        hidden = [] if failed else [rng.normal(size=(12, d)) for d in cell.architecture.widths]
        finals = [settings(cell, N_TRAIN, replica) for replica in replicas]
        early = [snapshot_settings(one, epoch) for one in finals for epoch in cell.snapshots]
        some = [(settled | row, hidden) for settled in (*early, *finals)]
        return write(db, cell.dataset.dataset.name, POINTS, some, cell.geometry)

    return put


@pytest.fixture
def store(db, put):
    """Return a function that writes networks to the store of the test."""
    return partial(put, db)


def fail(db, label, reason, study="mine"):
    dataset, width, depth = label.split()
    writer = Writer(db, "test", seed=None)
    writer.fail(FailedCell(study, dataset, width, int(depth), 3, reason))
    writer.finish()


def took(db, seconds):
    """Say how long runs took."""
    with duckdb.connect(str(db)) as connection:
        for run, time in seconds.items():
            connection.execute(
                "update runs set finished = started + to_seconds($s) where run_id = $r",
                {"s": time, "r": run},
            )


@pytest.fixture(scope="module")
def half_way(put, tmp_path_factory):
    """A store with a cell that is done, one partly there, one that failed, and none of the last."""
    db = tmp_path_factory.mktemp("half_way") / "g.duckdb"
    done = cell_of("circles 4-4 2")
    # two networks took 20 s together, two 40 s each: 25 on average
    at = put(db, done, 0, 1, test_accuracy=0.9)
    diverged = put(db, done, 2, status="failed", test_accuracy=None)
    second = put(db, cell_of("circles 8-8-8 3"), 1)
    other = put(db, cell_of("tori 8-8-8 3", replace(STUDY, name="other")), 0, 1)
    fail(db, "tori 4-4 2", "no disk")
    fail(db, "tori 8-8-8 3", "no file", study="other")
    took(db, {at: 20, diverged: 40, second: 40, other: 1000})
    return db


@pytest.mark.parametrize(
    ("only", "labels"),
    [
        ([], ["circles 4-4 2", "circles 8-8-8 3", "tori 4-4 2", "tori 8-8-8 3"]),
        (["dataset=tori"], ["tori 4-4 2", "tori 8-8-8 3"]),
        (["depth=2"], ["circles 4-4 2", "tori 4-4 2"]),
        ([" dataset = tori , width = 4-4 "], ["tori 4-4 2"]),
        (["width=8-8-8", "dataset=circles"], ["circles 4-4 2", "circles 8-8-8 3", "tori 8-8-8 3"]),
    ],
)
def test_a_cell_is_chosen_if_all_parts_of_one_selection_hold(only, labels):
    assert [cell.label for cell in chosen_cells(STUDY, only)] == labels


def test_a_selection_is_its_axes_and_values_as_texts():
    found = parsed_selection("depth=3,dataset=tori", list(cells(STUDY)))
    assert found == {"depth": "3", "dataset": "tori"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("depht=3", "unknown part of --only 'depht', did you mean 'depth'? Known: dataset, depth,"),
        ("k=3", "unknown part of --only 'k'. Known: dataset, depth, width; choose one of these"),
        ("dataset=circels", "unknown dataset 'circels', did you mean 'circles'?"),
        ("dataset=circels", "Known: circles, tori; these are in study 'mine'"),
        ("depth=5", "unknown depth '5'. Known: 2, 3; these are in study 'mine'"),
        ("width=narrow", "unknown width 'narrow'. Known: 4-4, 8-8-8; these are in study 'mine'"),
        ("tori", "--only tori: write for instance dataset=mnist_1v7,depth=11"),
        ("dataset=tori,", "--only dataset=tori,: write for instance dataset="),
        ("", "--only : write for instance dataset="),
    ],
)
def test_a_selection_is_refused_in_words(text, said):
    with pytest.raises(SpecError) as caught:
        chosen_cells(STUDY, ["dataset=tori", text])
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["depth=2,depth=3", "width=4-4,depth=3"])
def test_a_selection_that_no_cell_can_meet_is_refused(text):
    with pytest.raises(SpecError):
        chosen_cells(STUDY, [text])


def todo(db, study=STUDY, records=RECORDS):
    return [(one.cell.label, one.replicas) for one in still_to_do(list(cells(study)), records, db)]


def test_all_is_to_do_without_a_store(db):
    assert todo(db) == [(cell.label, (0, 1, 2)) for cell in cells(STUDY)]
    assert not db.exists()


def test_what_the_store_lacks_is_to_do(db, store):
    store(cell_of("circles 4-4 2"), 0, 2)
    store(cell_of("circles 8-8-8 3"), 0, 1, 2)
    store(cell_of("tori 4-4 2"), 1, status="failed", reason="NaN")
    expected = {"circles 4-4 2": (1,), "tori 4-4 2": (0, 2), "tori 8-8-8 3": (0, 1, 2)}
    assert todo(db) == list(expected.items())


def test_networks_of_another_study_are_not_taken_for_its_own(db, store):
    store(cell_of("tori 4-4 2", replace(STUDY, name="other")), 0, 1, 2)
    assert ("tori 4-4 2", (0, 1, 2)) in todo(db)


def test_a_data_set_that_cannot_be_read_has_nothing_to_do(db):
    left = todo(db, records={"tori": RECORDS["tori"]})
    assert left == [("tori 4-4 2", (0, 1, 2)), ("tori 8-8-8 3", (0, 1, 2))]


def changed_study(**fields):
    """Return the study with fields of each of its data sets changed."""
    return replace(STUDY, datasets=tuple(replace(one, **fields) for one in STUDY.datasets))


def of_family(family, **options):
    """Return the study with other networks of the same names."""
    kinds = (replace(one, family=family, **options) for one in STUDY.architectures)
    return replace(STUDY, architectures=tuple(kinds))


@pytest.mark.parametrize(
    ("study", "said"),
    [
        (changed_study(recipe=Recipe(epochs=3)), "with another epochs (2, now 3)"),
        (
            changed_study(recipe=Recipe(epochs=2, epsilon_inside=False)),
            "with another epsilon_inside (True, now False)",
        ),
        (changed_study(threshold=0.8), "with another accuracy_threshold (0.9, now 0.8)"),
        (replace(STUDY, seed=5), "with another seed (0, now 5)"),
        (of_family("residual"), "with another family (plain, now residual)"),
        (of_family("plain", batch_norm=True), "with another batch_norm (False, now True)"),
    ],
)
def test_a_namesake_of_another_recipe_is_refused(half_way, study, said):
    with pytest.raises(StoreError) as caught:
        todo(half_way, study)
    message = str(caught.value)
    assert message.startswith(f"network 'mine/circles-4-4-2-0' is in {half_way} {said}")
    assert message.endswith(": name this study differently, or use another --db")


SNAPPED = replace(STUDY, snapshots=(0, 1, 2))


@pytest.mark.parametrize("asked", [SNAPPED, replace(SNAPPED, snapshots=(1,)), STUDY])
def test_networks_with_the_snapshots_that_are_asked_for_are_there(db, store, asked):
    store(cell_of("circles 4-4 2", SNAPPED), 0, 1, 2)
    assert "circles 4-4 2" not in dict(todo(db, asked))


def test_networks_that_lack_a_snapshot_are_to_do(db, store):
    store(cell_of("circles 4-4 2", replace(STUDY, snapshots=(0,))), 0, 1)
    store(cell_of("circles 4-4 2"), 2)
    assert dict(todo(db, SNAPPED))["circles 4-4 2"] == (0, 1, 2)
    assert dict(todo(db, replace(STUDY, snapshots=(0,))))["circles 4-4 2"] == (2,)


@pytest.mark.parametrize(
    ("study", "wide"),
    [
        (changed_study(k=(5,)), {"k": (3, 5), "convention": ("directed",)}),
        (replace(STUDY, convention=("union",)), {"convention": ("directed", "union")}),
        (replace(STUDY, detail="edges"), {"detail": "edges", "store_rank": 10}),
        (replace(STUDY, store_rank=11), {"store_rank": 11, "k": (3,)}),
    ],
)
def test_what_networks_lack_is_to_do_together_with_what_they_have(half_way, study, wide):
    found = {one.cell.label: one for one in still_to_do(list(cells(study)), RECORDS, half_way)}
    some = found["circles 4-4 2"]
    # the third has no layers: there is nothing more to measure
    assert some.replicas == (0, 1)
    assert {key: getattr(some.cell.request, key) for key in wide} == wide
    assert found["tori 4-4 2"].cell.request == cell_of("tori 4-4 2", study).request


@pytest.mark.parametrize(
    "study", [replace(STUDY, detail="graphs"), replace(STUDY, n_sources=5), STUDY]
)
def test_networks_that_have_more_than_is_asked_are_there(half_way, study):
    assert "circles 4-4 2" not in dict(todo(half_way, study))


def test_status_counts_no_snapshot(db, store):
    cell = cell_of("circles 4-4 2", SNAPPED)
    run = store(cell, 0, 1, test_accuracy=0.9)
    took(db, {run: 20})
    row = study_status(SNAPPED, db).row(0, named=True)
    assert (row["n_done"], row["n_below_threshold"], row["n_diverged"]) == (2, 2, 0)
    assert (row["state"], row["seconds_left"]) == ("partly there", 10)


def test_a_namesake_on_other_points_is_refused(half_way):
    other = replace(RECORDS["circles"], fingerprint="f00")
    with pytest.raises(StoreError, match="with another fingerprint"):
        todo(half_way, records=RECORDS | {"circles": other})


def test_the_last_failure_of_each_cell_of_a_study_is_known(db, store):
    assert failed_before(STUDY, db) == {}
    fail(db, "tori 4-4 2", "no disk")
    fail(db, "tori 4-4 2", "no memory")
    fail(db, "circles 8-8-8 3", "no file", study="other")
    fail(db, "circles 4-4 2", "no luck")
    found = {("tori", "4-4", "2"): "no memory", ("circles", "4-4", "2"): "no luck"}
    assert failed_before(STUDY, db) == found
    store(cell_of("circles 4-4 2"), 0)
    assert failed_before(STUDY, db) == {("tori", "4-4", "2"): "no memory"}


@pytest.fixture
def begun(half_way, db):
    """A copy of that store."""
    return Path(shutil.copy(half_way, db))


def test_status_says_which_cells_are_done_partly_there_failed_and_waiting(begun):
    status = study_status(STUDY, begun)
    names = ("dataset", "width", "depth", "state", "n_networks", "n_done")
    assert status.select(names).rows() == [
        ("circles", "4-4", 2, "done", 3, 3),
        ("circles", "8-8-8", 3, "partly there", 3, 1),
        ("tori", "4-4", 2, "failed", 3, 0),
        ("tori", "8-8-8", 3, "waiting", 3, 0),
    ]
    assert status["reason"].to_list() == [None, None, "no disk", None]
    assert set(status["study"]) == {"mine"}


def test_status_counts_networks_at_or_below_their_threshold_and_those_that_diverged(begun):
    status = study_status(STUDY, begun)
    assert status["n_below_threshold"].to_list() == [2, 0, 0, 0]
    assert status["n_diverged"].to_list() == [1, 0, 0, 0]


def test_what_is_left_takes_as_long_as_the_networks_of_the_study_so_far(begun):
    assert study_status(STUDY, begun)["seconds_left"].to_list() == [0, 50, 75, 75]


def test_a_cell_that_failed_with_networks_there_keeps_their_number(begun):
    fail(begun, "circles 8-8-8 3", "no luck")
    row = study_status(STUDY, begun).row(1, named=True)
    assert (row["state"], row["n_done"], row["reason"]) == ("failed", 1, "no luck")


def test_fewer_replicas_than_there_are_leave_nothing_to_do_but_the_first(begun):
    status = study_status(replace(STUDY, replicas=1), begun)
    assert status["state"].to_list() == ["done", "waiting", "failed", "waiting"]
    assert status["seconds_left"].to_list() == [0, 25, 25, 25]


@pytest.mark.parametrize("fields", [{"accuracy_threshold": None}, {"test_accuracy": None}])
def test_no_network_is_below_a_threshold_that_is_not_known(db, store, fields):
    store(cell_of("circles 4-4 2"), 0, **fields)
    assert study_status(STUDY, db)["n_below_threshold"].to_list() == [0, 0, 0, 0]


def test_everything_waits_without_a_store(db):
    status = study_status(STUDY, db)
    assert status["state"].to_list() == ["waiting"] * 4
    assert status["n_done"].sum() == 0
    assert status["seconds_left"].null_count() == status["reason"].null_count() == 4
    assert not db.exists()


@pytest.fixture
def specs(tmp_path):
    """Return a function that reads studies from the text of a file mine.toml."""

    def read(text):
        path = tmp_path / "mine.toml"
        path.write_text(text, "utf-8")
        return study_specs(str(path))

    return read


def recipes(study):
    return {one.dataset.name: one.recipe for one in study.datasets}


def test_a_file_with_a_base_and_no_more_is_the_base_by_another_name(specs):
    (study,) = specs('base = "paper"')
    assert study == replace(study_spec("paper"), name="mine")


def test_keys_replace_those_of_the_base_and_recipes_extend_its_recipe(specs):
    (study,) = specs('base = "paper"\nwidths = ["wide"]\nseed = 7\n[recipe]\nbatch_size = 8')
    assert [(one.width, one.depth) for one in study.architectures] == [("wide", 5), ("wide", 11)]
    assert (study.seed, study.replicas) == (7, 36)
    for name, recipe in recipes(study_spec("paper")).items():
        assert recipes(study)[name] == replace(recipe, batch_size=8)


def test_only_some_data_sets_are_kept_in_the_order_of_the_base(specs):
    (study,) = specs('base = "quickstart"\nonly_datasets = ["synthetic_a", "digits_3v8"]')
    base = study_spec("quickstart")
    assert study.datasets == (base.datasets[0], base.datasets[2])


def test_all_data_sets_get_the_keys_of_all_datasets(specs):
    (study,) = specs('base = "quickstart"\n[all_datasets]\nk = [5]\nrecipe = { epochs = 4 }')
    base = study_spec("quickstart").datasets
    assert len(study.datasets) == len(base) == 3
    for one, before in zip(study.datasets, base, strict=True):
        assert one == replace(before, k=(5,), recipe=replace(before.recipe, epochs=4))


def test_a_data_sets_own_recipe_stands_above_the_shared_one(specs):
    (study,) = specs('base = "quickstart"\n[recipe]\nepochs = 4')
    epochs = {name: recipe.epochs for name, recipe in recipes(study).items()}
    assert epochs == {"digits_3v8": 4, "breast_cancer": 4, "synthetic_a": 100}


def test_each_variant_is_a_study_on_top_of_the_file_and_of_no_other_variant(specs):
    text = """
    base = "quickstart"
    replicas = 2
    [variants.short]
    recipe = { epochs = 1 }
    only_datasets = ["digits_3v8"]
    [variants.more]
    replicas = 9
    [variants.plain]
    """
    short, more, plain = specs(text)
    base = replace(study_spec("quickstart"), replicas=2)
    assert plain == replace(base, name="mine/plain")
    assert more == replace(base, name="mine/more", replicas=9)
    digits = replace(base.datasets[0], recipe=replace(base.datasets[0].recipe, epochs=1))
    assert short == replace(base, name="mine/short", datasets=(digits,))


def test_the_variants_of_a_base_are_those_of_the_file(specs):
    studies = specs('base = "controls"\nreplicas = 1\n[variants.third]\nseed = 3')
    assert [one.name for one in studies] == ["mine/untrained", "mine/shuffled", "mine/third"]
    assert {one.replicas for one in studies} == {1}
    epochs = [recipes(one)["mnist_1v7"].epochs for one in studies]
    assert epochs == [0, 50, 50]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('base = "papr"', "unknown base 'papr', did you mean 'paper'?"),
        ('base = "nothing_like_it"', "; choose a shipped study"),
        ('base = "paper"\nreplica = 3', "unknown key 'replica', did you mean 'replicas'?"),
        ('base = "paper"\nreplica = 3\n[variants.a]', "unknown key 'replica', did you mean"),
        ('base = "paper"\n[variants.a]\n[variants.b]\ndepth = 3', "unknown key 'depth', did you"),
        ('base = "paper"\n[variants.a]\nbase = "quickstart"', "unknown key 'base'"),
        ('base = "paper"\n[variants.a.variants.b]', "unknown key 'variants'"),
        ('base = "paper"\n[variants.a.recipe]\nepoch = 3', "unknown recipe key 'epoch', did you"),
        ('base = "paper"\n[variants]\na = 3', "a must be a table of names and values, not 3"),
        ("[variants.a]\nseed = 1", "study 'mine/a' has no cells: name data sets, widths and"),
        (
            'base = "paper"\nonly_datasets = ["mnist_17"]',
            "unknown data set in only_datasets 'mnist_17', did you mean 'mnist_1v7'?",
        ),
        ('base = "quickstart"\nonly_datasets = ["mnist_1v7"]', "breast_cancer, digits_3v8,"),
        ('base = "paper"\nonly_datasets = []', "study 'mine' has no cells"),
        (
            'base = "paper"\n[all_datasets]\ntreshold = 0.5',
            "unknown key of [all_datasets] 'treshold', did you mean 'threshold'?",
        ),
        ('base = "paper"\n[all_datasets]\nname = "tori"', "unknown key of [all_datasets] 'name'"),
        (
            'base = "paper"\nall_datasets = 3',
            "all_datasets must be a table of names and values, not 3",
        ),
    ],
)
def test_mistakes_in_what_a_study_is_made_of_are_said_with_the_file(specs, text, said):
    with pytest.raises(SpecError) as caught:
        specs(text)
    assert said in str(caught.value)
    assert "mine.toml: " in str(caught.value)


def test_a_file_of_several_studies_is_not_one_study():
    with pytest.raises(SpecError) as caught:
        study_spec("controls")
    names = ", ".join(CONTROLS)
    assert str(caught.value) == f"controls holds several studies ({names}): use study_specs"


def test_a_file_of_one_variant_is_one_study(specs, tmp_path):
    specs('base = "paper"\n[variants.a]')
    assert study_spec(str(tmp_path / "mine.toml")).name == "mine/a"


def test_the_study_of_the_paper_is_1512_networks_in_42_cells():
    paper = study_spec("paper")
    grid = list(cells(paper))
    assert len(grid) == len({cell.label for cell in grid}) == 42
    assert (paper.replicas, len(grid) * paper.replicas, paper.n_networks) == (36, 1512, 1512)
    assert {one.widths for one in paper.architectures} == {
        (25,) * 5,
        (25,) * 11,
        (50,) * 5,
        (50,) * 11,
        (50, 50, 25, 50, 50),
        (50,) * 5 + (25,) + (50,) * 5,
    }


@pytest.mark.parametrize(
    ("dataset", "threshold", "k"),
    [
        ("synthetic_a", 0.99, SYNTHETIC_K),
        ("synthetic_b", 0.99, SYNTHETIC_K),
        ("synthetic_c", 0.91, SYNTHETIC_K),
        ("mnist_1v7", 0.99, IMAGE_K),
        ("mnist_6v8", 0.99, IMAGE_K),
        ("fashion_sandal_v_boot", 0.98, IMAGE_K),
        ("fashion_shirt_v_coat", 0.90, IMAGE_K),
    ],
)
def test_the_study_of_the_paper_has_its_thresholds_k_and_recipe(dataset, threshold, k):
    (one,) = [one for one in study_spec("paper").datasets if one.dataset.name == dataset]
    assert (one.threshold, one.k) == (threshold, k)
    recipe = asdict(one.recipe)
    published = {
        "optimizer": "rmsprop",
        "learning_rate": 1e-3,
        "decay": 0.9,
        "epsilon": 1e-7,
        "epsilon_inside": True,
        "weight_decay": 0.0,
        "batch_size": 32,
        "shuffled_labels": False,
    }
    assert {key: recipe[key] for key in published} == published
    # after 50 epochs next to none of the networks on A and B is above its threshold
    assert recipe["epochs"] > 50 if dataset in LONGER else recipe["epochs"] == 50
    if not dataset.startswith("synthetic"):  # as in the published code, MNIST aside
        assert recipe["validation_rows"] == 0.2
        assert one.dataset.scale == ("raw" if dataset.startswith("fashion") else "unit")
    assert study_spec("paper").convention == ("directed",)


@pytest.mark.parametrize("name", CONTROLS)
def test_each_control_is_the_twin_of_a_network_of_the_paper(name):
    paper, (control,) = study_spec("paper"), [s for s in study_specs("controls") if s.name == name]
    assert 0 < control.replicas <= paper.replicas
    assert control.architectures == paper.architectures
    assert control.convention == paper.convention
    change = {"epochs": 0} if name.endswith("untrained") else {"shuffled_labels": True}
    for cell, twin in zip(cells(paper), cells(control), strict=True):
        assert (twin.dataset.dataset, twin.dataset.k) == (cell.dataset.dataset, cell.dataset.k)
        other = {"study": name, "accuracy_threshold": 0.0, **change}
        for replica in range(control.replicas):
            ours, theirs = (settings(one, N_TRAIN, replica) for one in (twin, cell))
            assert ours.pop("name") != theirs.pop("name")
            assert ours == theirs | other
            assert ours["seed"] == replica


def test_data_sets_with_the_longest_cells_come_first_and_each_stays_together():
    todo = [Todo(cell, tuple(range(36))) for cell in cells(study_spec("paper"))]
    done = long_data_sets_first(todo, study_spec("paper"))
    assert sorted(map(id, done)) == sorted(map(id, todo))
    groups = [
        list(some) for _, some in groupby(done, key=lambda one: one.cell.dataset.dataset.name)
    ]
    assert len(groups) == 7
    for some in groups:
        assert [todo.index(one) for one in some] == sorted(todo.index(one) for one in some)
    seconds = [[cost_of(one.cell, 36).seconds for one in some] for some in groups]
    longest = [max(some) for some in seconds]
    assert longest == sorted(longest, reverse=True)
    assert longest[-1] < 0.02 * sum(map(sum, seconds))  # who works on the last one waits little


def test_the_order_of_what_is_left_is_that_of_the_whole():
    todo = [Todo(cell, tuple(range(36))) for cell in cells(study_spec("paper"))]
    order = [one.cell.label for one in long_data_sets_first(todo, study_spec("paper"))]
    left = [replace(one, replicas=one.replicas[at % 36 :]) for at, one in enumerate(todo) if at % 3]
    labels = [one.cell.label for one in long_data_sets_first(left, study_spec("paper"))]
    assert labels == [one for one in order if one in labels]


def test_a_study_of_seconds_is_done_by_one_process(monkeypatch):
    monkeypatch.setenv("GEOFLOW_THREADS", "3")
    assert usual_jobs(list(cells(STUDY))) == 1
    assert usual_jobs(list(cells(study_spec("paper")))) == 3
