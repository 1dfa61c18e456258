-- title:   Studies that have a local geometry, and whether they have directed graphs too
-- source:  Hehl, von Renesse, Weber 2025
-- grain:   one row per study
-- parameters:
--   studies  names of studies
select study, bool_or(convention = 'directed') as is_directed
from network_graphs
join network_labels using (network_id)
where study in $studies
group by study
having study in (select study from community_structure)
order by study;
