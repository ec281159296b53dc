// title: Labels against verdicts
// question: Where do people's labels, on accounts and on clusters, and the tool's verdicts disagree?
// column: cluster_id: the cluster; null for an account in none
// column: verdict: the tool's verdict on the cluster
// column: account_id: the labelled account; null where the cluster itself is labelled
// column: label: what people had decided by the time of the analysis: abusive or legitimate
// column: membership: how surely the account belongs to the cluster, 0 to 1
MATCH (n:Account|Cluster)
WHERE n.label IS NOT NULL
OPTIONAL MATCH (n)-[m:MEMBER_OF]->(c:Cluster)
WITH n.account_id AS account_id, n.cluster_id AS cluster_id, n.label AS label,
     m.membership AS membership, coalesce(c.verdict, n.verdict) AS verdict
WHERE (label = 'abusive' AND (verdict IS NULL OR verdict <> 'abusive'))
      OR (label = 'legitimate' AND verdict IN ['abusive', 'coordinated'])
RETURN cluster_id, verdict, account_id, label, membership
ORDER BY coalesce(cluster_id, ''), coalesce(account_id, '')
