// title: Clusters
// question: Which clusters are there, and what does the tool say of each?
// parameter: min_coordination float = 0.0: leave out clusters less likely than this to be one operator
// column: cluster_id: the cluster
// column: verdict: abusive, coordinated, legitimate or unclear
// column: accounts: members
// column: coordination: probability that one operator runs the cluster
// column: abuse: how abusive it looks, 0 to 1; null where the data can't say
// column: q_value: share of findings this strong that chance would give
// column: explanation: the innocent explanation that fits best, if any
MATCH (c:Cluster)
WHERE c.coordination >= $min_coordination
RETURN c.cluster_id AS cluster_id, c.verdict AS verdict, c.accounts AS accounts,
       c.coordination AS coordination, c.abuse AS abuse, c.q_value AS q_value,
       c.explanation AS explanation
ORDER BY coordination DESC, accounts DESC, cluster_id
