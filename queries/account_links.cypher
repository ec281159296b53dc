// title: Links of an account
// question: To which accounts is it linked, and by what?
// parameter: account_id string = "acc-110469": the account
// column: account_id: the other account
// column: cluster_id: its cluster, if any
// column: match_weight: evidence that one operator runs both, in bits
// column: match_probability: the same as a probability
// column: payment_bits: bits from payments
// column: ip_bits: bits from addresses
// column: device_bits: bits from devices
// column: prompt_bits: bits from prompts
// column: identifier_bits: bits from other values
// column: timing_bits: bits from timing
MATCH (a:Account)-[l:LINKED_TO]-(b:Account)
WHERE a.account_id = $account_id
RETURN b.account_id AS account_id, b.cluster_id AS cluster_id, l.match_weight AS match_weight,
       l.match_probability AS match_probability, l.payment_bits AS payment_bits,
       l.ip_bits AS ip_bits, l.device_bits AS device_bits, l.prompt_bits AS prompt_bits,
       l.identifier_bits AS identifier_bits, l.timing_bits AS timing_bits
ORDER BY match_weight DESC, account_id
