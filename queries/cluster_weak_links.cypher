// title: Weak links of a cluster
// question: Which links would not hold without addresses and prompts, which innocent people share most?
// parameter: cluster_id string = "C-7tt6": the cluster
// column: account_a: one end
// column: account_b: the other end
// column: match_weight: evidence that one operator runs both, in bits
// column: match_probability: the same as a probability
// column: ip_bits: bits from addresses
// column: prompt_bits: bits from prompts
MATCH (a:Account)-[l:LINKED_TO]->(b:Account)
WHERE a.cluster_id = $cluster_id AND b.cluster_id = $cluster_id
      AND l.match_weight - l.ip_bits - l.prompt_bits < 0
RETURN a.account_id AS account_a, b.account_id AS account_b, l.match_weight AS match_weight,
       l.match_probability AS match_probability, l.ip_bits AS ip_bits,
       l.prompt_bits AS prompt_bits
ORDER BY match_weight, account_a, account_b
