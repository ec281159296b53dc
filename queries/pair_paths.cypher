// title: Paths between two accounts
// question: Through which third accounts are the two linked?
// parameter: account_a string = "acc-110469": one account
// parameter: account_b string = "acc-258053": the other
// column: via: the account between them
// column: weight_a: its link to the one, in bits
// column: weight_b: its link to the other, in bits
// column: cluster_id: its cluster, if any
MATCH (a:Account)-[la:LINKED_TO]-(v:Account)-[lb:LINKED_TO]-(b:Account)
WHERE a.account_id = $account_a AND b.account_id = $account_b AND a.account_id <> b.account_id
      AND v.account_id <> $account_a AND v.account_id <> $account_b
RETURN v.account_id AS via, la.match_weight AS weight_a, lb.match_weight AS weight_b,
       v.cluster_id AS cluster_id
ORDER BY weight_a + weight_b DESC, via
