// title: Labels against verdicts
// question: Where do people's labels and the tool's verdicts disagree?
// column: cluster_id: the cluster; null for an account in none
// column: verdict: the tool's verdict on the cluster
// column: account_id: the labelled account
// column: label: what people decided: abusive or legitimate
// column: membership: how surely the account belongs to the cluster, 0 to 1
MATCH (a:Account)
WHERE a.label IS NOT NULL
OPTIONAL MATCH (a)-[m:MEMBER_OF]->(c:Cluster)
WITH a.account_id AS account_id, a.label AS label, m.membership AS membership,
     c.cluster_id AS cluster_id, c.verdict AS verdict
WHERE (label = 'abusive' AND (verdict IS NULL OR verdict <> 'abusive'))
      OR (label = 'legitimate' AND verdict IN ['abusive', 'coordinated'])
RETURN cluster_id, verdict, account_id, label, membership
ORDER BY coalesce(cluster_id, ''), account_id
