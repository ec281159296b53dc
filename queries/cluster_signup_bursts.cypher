// title: Sign-up bursts of a cluster
// question: When did several members sign up together?
// parameter: cluster_id string = "C-7tt6": the cluster
// parameter: bucket_s integer = 3600: length of the time slots in which sign-ups are counted, in seconds
// parameter: min_signups integer = 2: leave out slots with fewer
// column: first_signup: first sign-up of the slot, UTC
// column: last_signup: last sign-up of the slot, UTC
// column: signups: members that signed up in it
MATCH (a:Account)-[:MEMBER_OF]->(c:Cluster)
WHERE c.cluster_id = $cluster_id AND a.created_s IS NOT NULL
WITH a.created_s - a.created_s % $bucket_s AS slot, min(a.created_at) AS first_signup,
     max(a.created_at) AS last_signup, count(a.account_id) AS signups
WHERE signups >= $min_signups
RETURN first_signup, last_signup, signups
ORDER BY first_signup
