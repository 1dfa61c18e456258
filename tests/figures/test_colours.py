"""Colours stay apart for every kind of colour vision, and from the ground that they lie on.

What others see: Machado, Oliveira and Fernandes 2009, "A physiologically-based model for simulation
of color vision deficiency", table 1, the whole deficiency, on linear RGB. Distances: CIE Lab 1976
(2.3 is a difference just noticed). Contrast: WCAG 2.
"""

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from plotly.colors import sample_colorscale

import geoflow
from geoflow.figures._style import COLOURS, GROUND
from geoflow.figures._theme import DARK
from geoflow.figures.layergraph import CLASS_COLOURS, DIVERGING, SEQUENTIAL

VISIONS = {
    "usual": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                     [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                   [0.004733, 0.691367, 0.303900]],
}  # fmt: skip
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
     [0.0193339, 0.1191920, 0.9503041]]
)  # fmt: skip
WHITE = TO_XYZ.sum(1)
GROUNDS = {"light": "#ffffff", "dark": DARK[GROUND]}


def linear(colours):
    """Return hex colours as linear RGB (n, 3)."""
    given = np.array([[int(one[at : at + 2], 16) for at in (1, 3, 5)] for one in colours]) / 255
    return np.where(given <= 0.04045, given / 12.92, ((given + 0.055) / 1.055) ** 2.4)


def lab(colours, vision):
    """Return hex colours as CIE Lab (n, 3), as a kind of vision sees them."""
    seen = np.clip(linear(colours) @ np.array(VISIONS[vision]).T, 0, 1)
    xyz = seen @ TO_XYZ.T / WHITE
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], 1)


def contrast(one, other):
    low, high = sorted((linear([one, other]) @ TO_XYZ[1]).tolist())
    return (high + 0.05) / (low + 0.05)


def least_gap(colours, vision):
    where = lab(colours, vision)
    gaps = np.linalg.norm(where[:, None] - where[None], axis=2)
    return gaps[np.triu_indices(len(colours), 1)].min()


def neighbours(colours, vision):
    return np.linalg.norm(np.diff(lab(colours, vision), axis=0), axis=1).min()


def of_canvas():
    """Return the palettes of the canvas by name and theme, as its script has them."""
    file = Path(geoflow.__file__).parent / "explore" / "assets" / "graph" / "colours.js"
    found = {}
    for name, text in re.findall(r"const ([A-Z]+) = ([\[{].*?[\]}]);", file.read_text(), re.DOTALL):
        themes = dict(re.findall(r"(light|dark): (\[[^\]]*\])", text)) or dict.fromkeys(
            GROUNDS, text
        )
        found |= {(name, at): re.findall(r"#\w{6}", part) for at, part in themes.items()}
    return found


CANVAS = of_canvas()
SCALES = {
    name: ["#" + "".join(f"{round(float(one)):02x}" for one in re.findall(r"[\d.]+", colour))
           for colour in sample_colorscale(name, np.linspace(0, 1, 11).tolist())]
    for name in ("RdBu_r", "Cividis")
}  # fmt: skip
SERIES = {"light": list(COLOURS), "dark": [DARK.get(one, one) for one in COLOURS]}


def test_distances_and_contrast_are_those_of_the_standards():
    assert lab(["#ffffff", "#000000"], "usual")[:, 0] == pytest.approx([100, 0], abs=0.01)
    assert lab(["#ff0000"], "usual")[0] == pytest.approx([53.24, 80.09, 67.20], abs=0.02)
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    red_and_green = ["#b04040", "#608000"]
    assert least_gap(red_and_green, "usual") > 60
    assert least_gap(red_and_green, "deuteranopia") < 25
    for seen in VISIONS.values():
        assert np.sum(seen, 1) == pytest.approx(1, abs=1e-5)  # white stays white


def test_the_canvas_and_the_figure_of_a_notebook_have_the_same_colours():
    assert CANVAS["CLASSES", "light"] == list(CLASS_COLOURS) == CANVAS["CLASSES", "dark"]
    assert CANVAS["DIVERGING", "light"] == list(DIVERGING)
    assert CANVAS["SEQUENTIAL", "light"] == list(SEQUENTIAL)


@pytest.mark.parametrize("vision", VISIONS)
def test_classes_and_series_stay_apart(vision):
    assert len(CLASS_COLOURS) == 10
    assert least_gap(CLASS_COLOURS, vision) > 15
    for theme in GROUNDS:
        assert least_gap(SERIES[theme], vision) > 15
        assert least_gap(CANVAS["CORRECT", theme], vision) > 80


@pytest.mark.parametrize("vision", VISIONS)
def test_scales_go_in_steps_and_their_ends_are_apart(vision):
    for theme in GROUNDS:
        ways = {"DIVERGING": (10, 40), "SEQUENTIAL": (5, 60)}
        for name, (step, ends) in ways.items():
            colours = CANVAS[name, theme]
            assert len(colours) == 10
            assert neighbours(colours, vision) > step, (name, theme)
            first, last = lab([colours[0], colours[-1]], vision)
            assert np.linalg.norm(first - last) > ends, (name, theme)
        lightness = lab(CANVAS["SEQUENTIAL", theme], vision)[:, 0]
        assert all(a < b for a, b in pairwise(lightness))
    for name, colours in SCALES.items():
        assert neighbours(colours, vision) > 5, name
        assert least_gap([colours[0], colours[-1]], vision) > 30, name


@pytest.mark.parametrize("theme", GROUNDS)
def test_colours_are_seen_on_their_ground(theme):
    on = GROUNDS[theme]
    assert min(contrast(one, on) for one in CLASS_COLOURS) > 1.5
    assert min(contrast(one, on) for one in SERIES[theme]) > 2
    assert min(contrast(one, on) for one in CANVAS["CORRECT", theme]) > 3
    assert min(contrast(one, on) for one in CANVAS["SEQUENTIAL", theme]) > 1.5
    ends = CANVAS["DIVERGING", theme]
    assert min(contrast(one, on) for one in (ends[0], ends[-1])) > 5
    page = (Path(geoflow.__file__).parent / "explore" / "assets" / "page.css").read_text()
    words = dict(zip(GROUNDS, re.findall(r":root[^{]*\{(.*?)\}", page, re.DOTALL), strict=False))
    colours = dict(re.findall(r"--([\w-]+): (#\w{6})", words[theme]))
    assert colours["ground"] == on
    for name in ("text", "quiet", "accent", "wrong"):
        for ground in ("ground", "raised"):
            assert contrast(colours[name], colours[ground]) > 4.5, (name, ground)
