"""The findings of a study: a page of Markdown beside its TOML file, with the same name."""

from collections.abc import Sequence
from typing import Any

from geoflow.errors import SpecError
from geoflow.machine.userfiles import open_regular
from geoflow.specs._study import StudyDataset, StudySpec
from geoflow.specs.studyfile import study_path, whole_content

MOST_PAGE_BYTES = 1_000_000
"""Of a page; the longest that comes with geoflow has 5,000."""


def title(name_or_path: str) -> str:
    """Return the title of a study.

    >>> title("quickstart")
    'Quickstart: three data sets, narrow and wide, 5 and 11 layers, 6 networks each'
    """
    return str(whole_content(study_path(name_or_path)).get("title", ""))


def findings(name_or_path: str) -> str:
    """Return the page of findings beside a study's file, empty if there is none.

    >>> findings("quickstart").splitlines()[0]
    '# Findings of `quickstart`'
    """
    path = study_path(name_or_path).with_suffix(".md")
    try:
        with open_regular(path) as file:
            content = file.read(MOST_PAGE_BYTES + 1)
        if len(content) > MOST_PAGE_BYTES:
            raise SpecError(f"{path} has more than {MOST_PAGE_BYTES:,} bytes: no page is as long")
        return content.decode()
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise SpecError(f"{path} is not text in UTF-8: save it as UTF-8") from None
    except OSError as error:
        raise SpecError(f"{path} cannot be read ({error.strerror})") from None


def grid(studies: Sequence[StudySpec]) -> list[dict[str, Any]]:
    """Return what studies train and measure: one row for each data set of each.

    >>> from geoflow.specs.studyfile import study_specs
    >>> row = grid(study_specs("quickstart"))[0]
    >>> row["dataset"], row["networks"], row["widths"], row["depths"]
    ('digits_3v8', 24, 'narrow, wide', '5, 11')
    """
    return [grid_row(study, one) for study in studies for one in study.datasets]


def grid_row(study: StudySpec, one: StudyDataset) -> dict[str, Any]:
    """Return what a study trains and measures on one of its data sets."""
    return {
        "study": study.name,
        "dataset": one.dataset.name,
        "networks": len(study.architectures) * study.replicas,
        "widths": ", ".join(dict.fromkeys(kind.width for kind in study.architectures)),
        "depths": ", ".join(map(str, sorted({kind.depth for kind in study.architectures}))),
        "replicas": study.replicas,
        "epochs": one.recipe.epochs,
        "threshold": one.threshold,
        "k": ", ".join(map(str, one.k)),
    }
