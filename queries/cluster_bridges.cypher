// title: Bridges of a cluster
// question: Which members tie the cluster to others?
// parameter: cluster_id string = "C-4xhw": the cluster
// column: account_id: the member
// column: membership: how surely it belongs to the cluster, 0 to 1
// column: neighbour_cluster: a cluster that it is linked to, if any
// column: neighbours: accounts there that it is linked to
// column: best_weight: its strongest link to one of them, in bits
MATCH (a:Account)-[m:MEMBER_OF]->(c:Cluster)
WHERE c.cluster_id = $cluster_id
OPTIONAL MATCH (a)-[l:LINKED_TO]-(b:Account)
WHERE b.cluster_id <> $cluster_id
WITH a.account_id AS account_id, m.membership AS membership, m.bridge AS bridge,
     b.cluster_id AS neighbour_cluster, count(DISTINCT b.account_id) AS neighbours,
     max(l.match_weight) AS best_weight
WHERE bridge OR neighbours > 0
RETURN account_id, membership, neighbour_cluster, neighbours, best_weight
ORDER BY membership, account_id, coalesce(neighbour_cluster, '')
