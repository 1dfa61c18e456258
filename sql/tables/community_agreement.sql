-- title:   How Leiden communities agree with the labels
-- source:  Traag, Waltman, van Eck 2019; Hubert, Arabie 1985 (adjusted Rand); Danon et al. 2005 (NMI)
-- grain:   one row per undirected graph with local geometry
-- columns:
--   graph_id                       graph
--   n_communities                  Leiden communities
--   leiden_modularity              modularity of the communities, NULL without edges
--   adjusted_rand                  adjusted Rand index of communities and labels, NULL without labels
--   normalized_mutual_information  normalised mutual information of both, NULL without labels
create table community_agreement (
    graph_id integer not null,
    n_communities integer not null,
    leiden_modularity double,
    adjusted_rand double,
    normalized_mutual_information double
);
