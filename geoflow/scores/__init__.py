"""The catalogue of scores, and the door for a user's own.

    @geoflow.layer_score("mean_norm", formula="mean over points of |x|", source="mine", low=0)
    def mean_norm(points):
        return float(np.linalg.norm(points, axis=1).mean())

    geoflow.ingest(arrays, db, k=[10], name="mine", scores=["mean_norm"])

It stands then in ``layer_scores`` and in the correlations beside the built-in ones.
"""

from geoflow.scores._files import load_scores as load_scores
from geoflow.scores._own import layer_score as layer_score
from geoflow.scores._own import network_score as network_score
from geoflow.scores._own import own_scores as own_scores
from geoflow.scores._own import pair_score as pair_score
from geoflow.scores._own import point_score as point_score
from geoflow.scores._page import catalogue_markdown as catalogue_markdown
from geoflow.scores._values import LayerScores as LayerScores
from geoflow.scores._values import given as given
from geoflow.scores._values import score_frames as score_frames
from geoflow.scores._values import scores_without_value as scores_without_value
from geoflow.scores.entry import Score as Score
from geoflow.scores.entry import score_label as score_label
