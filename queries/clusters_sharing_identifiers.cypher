// title: Clusters that share identifiers
// question: Which clusters have rare values in common?
// parameter: max_operators float = 2.0: leave out values that more operators use
// column: cluster_a: one cluster
// column: cluster_b: the other
// column: kind: kind of the value
// column: key: the value with its kind
// column: members_a: members of the first that use it
// column: members_b: members of the second that use it
MATCH (v:PaymentInstrument|IpAddress|Device|Identifier|PromptTemplate)
WHERE v.clusters > 1 AND v.operators <= $max_operators
MATCH (a:Account)-[:PAID_WITH|USED_IP|USED_DEVICE|SENT|HAS]->(v)
WHERE a.cluster_id IS NOT NULL
WITH v, a.cluster_id AS cluster_a, count(DISTINCT a.account_id) AS members_a
MATCH (b:Account)-[:PAID_WITH|USED_IP|USED_DEVICE|SENT|HAS]->(v)
WHERE b.cluster_id > cluster_a
RETURN cluster_a, b.cluster_id AS cluster_b, v.kind AS kind, v.key AS key, members_a,
       count(DISTINCT b.account_id) AS members_b
ORDER BY cluster_a, cluster_b, key
