"""The callbacks with the real libraries: a training with one ends where it ends without."""

import importlib.util
import os

import pytest
import torch
from small_vision import usable_torchvision
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

import geoflow

needs = {
    name: pytest.mark.skipif(
        importlib.util.find_spec(name) is None, reason=f"{name} is not installed: extra watch"
    )
    for name in ("lightning", "transformers")
}
quiet = pytest.mark.filterwarnings("ignore")  # of these libraries: of what they are made of


def points():
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(60, 4, generator=generator)
    return x, (x[:, 0] > 0).long()


def names_in(db):
    return geoflow.open(db).query("select name from networks order by epochs")["name"].to_list()


@needs["lightning"]
@quiet
def test_a_lightning_training_with_the_callback_ends_where_it_ends_without(tmp_path):
    usable_torchvision()
    import lightning

    from geoflow.watching.lightning import LightningWatch

    class Plain(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.net = nn.Sequential(
                nn.Linear(4, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Dropout(), nn.Linear(6, 2)
            )

        def forward(self, x):
            return self.net(x)

        def training_step(self, batch, number):
            x, y = batch
            return nn.functional.cross_entropy(self(x), y)

        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters(), 1e-2)

    x, y = points()

    def ended(callbacks):
        lightning.seed_everything(3, verbose=False)
        model = Plain()
        trainer = lightning.Trainer(
            max_epochs=3, callbacks=callbacks, logger=False, enable_checkpointing=False,
            enable_progress_bar=False, enable_model_summary=False, accelerator="cpu",
            default_root_dir=tmp_path,
        )  # fmt: skip
        loader = DataLoader(TensorDataset(x, y), batch_size=20, shuffle=True)
        trainer.fit(model, loader)
        return model.state_dict()

    db = tmp_path / "g.duckdb"
    watched = ended([LightningWatch(x[:30], y[:30], db=db, name="run", k=4)])
    alone = ended([])
    assert len(alone) > 5
    assert all(torch.equal(alone[name], one) for name, one in watched.items())
    assert names_in(db) == ["run@0", "run@1", "run@2", "run"]
    assert geoflow.open(db).check()["n_offences"].sum() == 0


@pytest.mark.slow
@needs["transformers"]
@quiet
def test_a_transformers_training_with_the_callback_ends_where_it_ends_without(
    tmp_path, monkeypatch
):
    usable_torchvision()
    pytest.importorskip("accelerate", reason="the trainer of transformers needs accelerate")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments
    from transformers import trainer as home

    monkeypatch.setattr(
        home, "is_datasets_available", lambda: False
    )  # it is the folder tests/datasets
    from geoflow.watching.huggingface import TransformersWatch

    generator = torch.Generator().manual_seed(1)
    ids = torch.randint(1, 30, (48, 6), generator=generator)
    mask = (torch.arange(6) < torch.randint(2, 7, (48, 1), generator=generator)).long()
    rows = [
        {"input_ids": ids[at], "attention_mask": mask[at], "labels": int(ids[at, 0] > 15)}
        for at in range(48)
    ]
    probe = {"input_ids": ids[:24], "attention_mask": mask[:24]}

    def ended(callbacks):
        torch.manual_seed(0)
        config = BertConfig(
            vocab_size=30, hidden_size=8, num_hidden_layers=2, num_attention_heads=2,
            intermediate_size=16, max_position_embeddings=8,
        )  # fmt: skip
        model = BertForSequenceClassification(config)
        asked = TrainingArguments(
            output_dir=str(tmp_path / "out"), num_train_epochs=2, report_to=[], use_cpu=True,
            per_device_train_batch_size=16, save_strategy="no", disable_tqdm=True, seed=0,
        )  # fmt: skip
        Trainer(model, asked, train_dataset=rows, callbacks=callbacks).train()
        return model.state_dict()

    db = tmp_path / "g.duckdb"
    labels = (ids[:24, 0] > 15).long()
    watched = ended([TransformersWatch(probe, labels, db=db, name="run", k=4)])
    alone = ended([])
    assert all(torch.equal(alone[name], one) for name, one in watched.items())
    assert names_in(db) == ["run@0", "run@1", "run"]
    paths = geoflow.open(db).query("select distinct path from captured_layers order by path")
    assert paths["path"].to_list() == ["bert.encoder.layer.0", "bert.encoder.layer.1"]
    assert os.environ["HF_HUB_OFFLINE"] == "1"
