// title: What two accounts share
// question: Which values do both use, and when did each?
// parameter: account_a string = "acc-110469": one account
// parameter: account_b string = "acc-258053": the other
// column: kind: kind of the value
// column: key: the value with its kind
// column: value: the value
// column: first_a: first use by the one, UTC
// column: last_a: last use by the one, UTC
// column: first_b: first use by the other, UTC
// column: last_b: last use by the other, UTC
// column: accounts: accounts that use it
// column: operators: how many operators use it, as estimated
MATCH (a:Account)-[ua:PAID_WITH|USED_IP|USED_DEVICE|SENT|HAS]->(v:PaymentInstrument|IpAddress|Device|Identifier|PromptTemplate)
      <-[ub:PAID_WITH|USED_IP|USED_DEVICE|SENT|HAS]-(b:Account)
WHERE a.account_id = $account_a AND b.account_id = $account_b AND a.account_id <> b.account_id
RETURN v.kind AS kind, v.key AS key, v.value AS value, min(ua.first_seen) AS first_a,
       max(ua.last_seen) AS last_a, min(ub.first_seen) AS first_b, max(ub.last_seen) AS last_b,
       v.accounts AS accounts, v.operators AS operators
ORDER BY operators, accounts, key
