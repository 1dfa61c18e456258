"""What a user may ask for, as frozen dataclasses whose fields are columns of the store.

``DatasetSpec`` becomes a row of ``datasets``, ``Architecture`` and ``Recipe`` become columns of
``networks``, ``GeometrySpec`` becomes ``k`` and ``convention`` of ``graphs``.
"""

from geoflow.specs._capture import CaptureSpec, CaptureWords, asked_capture
from geoflow.specs._dataset import DatasetSpec, dataset_of_file
from geoflow.specs._geometry import (
    GEOMETRY_FIELDS,
    GeometryOptions,
    GeometrySpec,
    GeometryWords,
    asked_geometry,
    beside_k,
)
from geoflow.specs._recipe import DECAYS, FULL_BATCH, INITIALISATIONS, Recipe
from geoflow.specs._study import (
    ALREADY_THERE,
    MOST_CELLS,
    MOST_IN_ALL,
    StudyDataset,
    StudySpec,
    refuse_many,
    with_curvatures,
    with_scores,
    with_transport,
)
from geoflow.specs._transport import TransportSpec, asked_transport
from geoflow.specs.architecture import (
    DEFAULT_MEMORY_ORDER,
    FAMILIES,
    LONGEST_WIDTH,
    MOST_LAYERS,
    OF_ONE_WIDTH,
    WIDTHS,
    Architecture,
    architecture,
)
from geoflow.specs.datafile import FileSpec, is_file_name
from geoflow.specs.kinds import (
    CONVENTIONS,
    CURVATURES,
    DETAILS,
    DEVICES,
    STUDY_STORE_RANK,
    Alphas,
    Conventions,
    CurvatureKind,
    Curvatures,
    Detail,
    Device,
    NumbersOfNeighbors,
    Seed,
    Size,
    usual_convention,
)

__all__ = [
    "ALREADY_THERE",
    "CONVENTIONS",
    "CURVATURES",
    "DECAYS",
    "DEFAULT_MEMORY_ORDER",
    "DETAILS",
    "DEVICES",
    "FAMILIES",
    "FULL_BATCH",
    "GEOMETRY_FIELDS",
    "INITIALISATIONS",
    "LONGEST_WIDTH",
    "MOST_CELLS",
    "MOST_IN_ALL",
    "MOST_LAYERS",
    "OF_ONE_WIDTH",
    "STUDY_STORE_RANK",
    "WIDTHS",
    "Alphas",
    "Architecture",
    "CaptureSpec",
    "CaptureWords",
    "Conventions",
    "CurvatureKind",
    "Curvatures",
    "DatasetSpec",
    "Detail",
    "Device",
    "FileSpec",
    "GeometryOptions",
    "GeometrySpec",
    "GeometryWords",
    "NumbersOfNeighbors",
    "Recipe",
    "Seed",
    "Size",
    "StudyDataset",
    "StudySpec",
    "TransportSpec",
    "architecture",
    "asked_capture",
    "asked_geometry",
    "asked_transport",
    "beside_k",
    "dataset_of_file",
    "is_file_name",
    "refuse_many",
    "usual_convention",
    "with_curvatures",
    "with_scores",
    "with_transport",
]
