// title: Frontier of a cluster
// question: Which accounts outside the cluster are linked to its members?
// parameter: cluster_id string = "C-7tt6": the cluster
// parameter: min_probability float = 0.5: leave out links less likely than this
// column: account_id: the account outside
// column: other_cluster: the cluster it is in, if any
// column: members_linked: members it is linked to
// column: best_weight: its strongest link to one of them, in bits
MATCH (a:Account)-[l:LINKED_TO]-(b:Account)
WHERE a.cluster_id = $cluster_id AND l.match_probability >= $min_probability
      AND (b.cluster_id IS NULL OR b.cluster_id <> $cluster_id)
RETURN b.account_id AS account_id, b.cluster_id AS other_cluster,
       count(DISTINCT a.account_id) AS members_linked, max(l.match_weight) AS best_weight
ORDER BY best_weight DESC, account_id
