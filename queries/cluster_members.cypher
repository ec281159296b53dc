// title: Members of a cluster
// question: Who is in the cluster, and how surely?
// parameter: cluster_id string = "C-7tt6": the cluster
// column: account_id: the account
// column: membership: how surely the account belongs to the cluster, 0 to 1
// column: bridge: whether it is what ties the cluster to another
// column: created_at: its sign-up, UTC
// column: status: active, suspended or deleted
// column: country: the country it declared
MATCH (a:Account)-[m:MEMBER_OF]->(c:Cluster)
WHERE c.cluster_id = $cluster_id
RETURN a.account_id AS account_id, m.membership AS membership, m.bridge AS bridge,
       a.created_at AS created_at, a.status AS status, a.country AS country
ORDER BY membership DESC, account_id
