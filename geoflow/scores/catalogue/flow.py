"""Scores of graphs: curvature against the change of hop distances, classes and communities.

They are of the input and the hidden layers: the views that they are read from have the output too.
"""

from geoflow.scores.entry import Score

BAPTISTA = "Baptista et al. 2024, Eq. 8"
HEHL = "Hehl, von Renesse, Weber 2025"
GRAPH = ("k", "convention")
CURVED = ("k", "convention", "curvature", "alpha")

FLOW = (
    Score(
        "ricci_coefficient",
        "network",
        "Pearson(eta_l, Ric_l) over l = 1..L-1, at the optimal k of its cell",
        BAPTISTA,
        low=-1,
        high=1,
        relation="coefficients_at_optimal_k",
        value="ricci_coefficient",
        keys=("convention",),
    ),
    Score(
        "local_coefficient",
        "network",
        "mean over points of the local coefficient",
        HEHL,
        low=-1,
        high=1,
        relation="(from local_means where \"end\" = 'hidden')",
        value="mean_local_coefficient",
        keys=CURVED,
    ),
    Score(
        "total_forman",
        "layer",
        "Ric_l = sum over edges of 4 - deg i - deg j",
        "Baptista et al. 2024, Eq. 3",
        relation="(from network_graphs where not is_output)",
        value="total_forman",
        keys=GRAPH,
    ),
    Score(
        "total_geodesic",
        "layer",
        "g_l = sum over ordered pairs of hop distances",
        "Baptista et al. 2024, Eq. 6",
        low=0,
        relation="(from network_graphs where not is_output)",
        value="total_geodesic",
        keys=GRAPH,
    ),
    Score(
        "eta",
        "layer",
        "eta_l = g_{l+1} - g_l, of the step from layer l to l + 1",
        "Baptista et al. 2024, Eq. 7",
        relation="(from network_steps where not is_to_output)",
        value="eta",
        keys=GRAPH,
    ),
    Score(
        "layer_coefficient",
        "layer",
        "Pearson over points x of (S_l(x), eta_l(x)), of the step from layer l to l + 1",
        HEHL,
        low=-1,
        high=1,
        relation="(from layer_coefficients where not is_to_output)",
        value="layer_coefficient",
        keys=CURVED,
    ),
    Score(
        "curvature_gap",
        "layer",
        "(mean_within - mean_between) / sqrt((variance_within + variance_between) / 2) of"
        " augmented Forman curvature, within and between classes",
        HEHL,
        relation="(from community_structure where not is_output)",
        value="curvature_gap",
        keys=GRAPH,
    ),
    Score(
        "modularity",
        "layer",
        "sum over classes c of [L_c / m - (d_c / 2m)^2]",
        "Newman, Girvan 2004",
        low=-0.5,
        high=1,
        relation="(from community_structure where not is_output)",
        value="modularity",
        keys=GRAPH,
    ),
    Score(
        "local_coefficient",
        "point",
        "Pearson over l = 0..L-1 of (S_l(x), eta_l(x))",
        HEHL,
        low=-1,
        high=1,
        relation="(from point_coefficients where \"end\" = 'hidden')",
        value="local_coefficient",
        keys=CURVED,
    ),
)
