"""Small modules, each with one habit that layers must be taken from in spite of."""

import torch
from torch import nn


class Blocks(nn.Module):
    """A stem, blocks that change what they are given, and a head."""

    def __init__(self, width=6, depth=3):
        super().__init__()
        self.stem = nn.Linear(4, width)
        self.blocks = nn.ModuleList(Block(width) for _ in range(depth))
        self.head = nn.Linear(width, 2)

    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return self.head(x)


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.inner = nn.Linear(width, width)

    def forward(self, x):
        return x + torch.tanh(self.inner(x))


class InPlace(nn.Module):
    """What leaves each activation is overwritten at once."""

    def __init__(self):
        super().__init__()
        self.linear, self.relu = nn.Linear(4, 5), nn.ReLU()

    def forward(self, x):
        h = self.relu(self.linear(x))
        return h.mul_(0.0).add_(7.0)


class Twice(nn.Module):
    """One activation, and one linear map, run twice."""

    def __init__(self):
        super().__init__()
        self.first, self.again, self.relu = nn.Linear(4, 5), nn.Linear(5, 5), nn.ReLU()

    def forward(self, x):
        return self.relu(self.again(self.again(self.relu(self.first(x)))))


class Texts(nn.Module):
    """A transformer of two layers on ids with a mask; no positions, so that sides do not matter."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(20, 8)
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(8, 2)

    def forward(self, input_ids, attention_mask):
        h = self.encoder(self.embed(input_ids), src_key_padding_mask=attention_mask == 0)
        return {"loss": None, "logits": self.head(h.mean(dim=1)), "hidden": h}


class Noisy(nn.Module):
    """Batch normalisation and dropout, which train mode would show."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(4, 6),
            nn.BatchNorm1d(6),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(6, 6),
            nn.ReLU(),
        )

    def forward(self, x):
        return self.layers(x)


class Steps(nn.Module):
    """Control flow that hangs on values: tracing cannot follow it."""

    def __init__(self):
        super().__init__()
        self.one, self.two, self.relu = nn.Linear(4, 4), nn.Linear(4, 4), nn.ReLU()

    def forward(self, x):
        for _ in range(int(x.abs().sum().item()) % 1 + 2):
            x = self.one(x) if x.sum() > 1e9 else self.two(x)
        return self.relu(x)


class Tuples(nn.Module):
    """Recurrent layers return tuples, a branch a dictionary with whole numbers before floats."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(4, 6, batch_first=True)
        self.branch = Branch()

    def forward(self, x):
        return self.branch(self.lstm(x)[0])["values"]


class Branch(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(6, 3)

    def forward(self, x):
        return {"count": torch.arange(len(x)), "values": self.linear(x)}


class SeqFirst(nn.Module):
    """Layers in between have the sequence first, as torch's own do by default."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.TransformerEncoder(
            nn.TransformerEncoderLayer(4, 2, 8), 2, enable_nested_tensor=False
        )

    def forward(self, x):
        return self.encoder(x.transpose(0, 1)).transpose(0, 1)


def by_hand(model, paths, *args, **kwargs):
    """What modules give, by hooks written out: copied at once, in evaluation mode."""
    found, handles = {}, []
    modules = dict(model.named_modules())
    for path in paths:

        def keep(module, args, output, path=path):
            found.setdefault(path, []).append(output.detach().clone())

        handles.append(modules[path].register_forward_hook(keep))
    was = model.training
    model.eval()
    with torch.no_grad():
        model(*args, **kwargs)
    model.train(was)
    for handle in handles:
        handle.remove()
    return found
