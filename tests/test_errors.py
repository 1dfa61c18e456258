"""The one family of exceptions: a wrong value is a ValueError too, as everywhere in Python."""

import numpy as np
import pytest

import geoflow
from geoflow.errors import DatasetError, GeometryError, SpecError, StoreError
from geoflow.specs import GeometrySpec


@pytest.mark.parametrize("kind", [SpecError, GeometryError, DatasetError])
def test_a_wrong_value_is_a_value_error(kind):
    assert issubclass(kind, ValueError)
    assert issubclass(kind, geoflow.GeoflowError)


def test_a_store_that_is_missing_is_no_wrong_value():
    assert not issubclass(StoreError, ValueError)


def test_wrong_k_is_caught_as_elsewhere_in_python():
    with pytest.raises(ValueError, match=r"k must be an integer of at least 1, not 2\.5"):
        GeometrySpec(k=2.5)
    with pytest.raises(ValueError, match="choose k from 1 to n - 1 = 4"):
        geoflow.layer_geometry(np.eye(5), k=9)
