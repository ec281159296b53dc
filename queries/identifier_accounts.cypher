// title: Accounts of a value
// question: Who uses the value?
// parameter: key string = "tls_fingerprint:f0374b81": the value with its kind
// column: account_id: the account
// column: cluster_id: its cluster, if any
// column: role: signup or use
// column: uses: how often
// column: first_seen: first use, UTC
// column: last_seen: last use, UTC
MATCH (a:Account)-[u:PAID_WITH|USED_IP|USED_DEVICE|SENT|HAS]->(v:PaymentInstrument|IpAddress|Device|Identifier|PromptTemplate)
WHERE v.key = $key
RETURN a.account_id AS account_id, a.cluster_id AS cluster_id, u.role AS role, u.uses AS uses,
       u.first_seen AS first_seen, u.last_seen AS last_seen
ORDER BY first_seen, account_id, role
