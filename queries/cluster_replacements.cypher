// title: Replacements in a cluster
// question: Which members signed up soon after another was suspended?
// parameter: cluster_id string = "C-7tt6": the cluster
// parameter: within_s integer = 172800: leave out sign-ups later than this after the suspension, in seconds
// column: suspended_account: the member that was suspended
// column: later_account: the member that signed up after it
// column: seconds_after: time between the two
MATCH (a:Account)-[:MEMBER_OF]->(c:Cluster)<-[:MEMBER_OF]-(b:Account)
WHERE c.cluster_id = $cluster_id AND a.status = 'suspended' AND a.account_id <> b.account_id
      AND b.created_s >= a.status_s AND b.created_s - a.status_s <= $within_s
RETURN a.account_id AS suspended_account, b.account_id AS later_account,
       b.created_s - a.status_s AS seconds_after
ORDER BY seconds_after, suspended_account, later_account
