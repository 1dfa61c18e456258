"""The built-in scores, one entry each, by family.

A new one is its function, its entry in the file of its family, and its test. It stands then in the
view of scores of its level, in the correlations, in the check of bounds, in the table ``scores``
and in the documentation.
"""

from geoflow.scores.catalogue.flow import FLOW
from geoflow.scores.catalogue.neighborhoods import NEIGHBORHOODS
from geoflow.scores.catalogue.nonlinearity import NONLINEARITY
from geoflow.scores.catalogue.prediction import PREDICTION
from geoflow.scores.catalogue.similarity import SIMILARITY
from geoflow.scores.catalogue.transport import TRANSPORT

BUILT_IN = (*FLOW, *NEIGHBORHOODS, *SIMILARITY, *TRANSPORT, *NONLINEARITY, *PREDICTION)
