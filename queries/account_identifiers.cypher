// title: What an account uses
// question: Which values does the account use, and who else does?
// parameter: account_id string = "acc-110469": the account
// column: kind: kind of the value
// column: key: the value with its kind
// column: value: the value
// column: role: signup or use
// column: uses: how often
// column: first_seen: first use, UTC
// column: last_seen: last use, UTC
// column: accounts: accounts that use it
// column: operators: how many operators use it, as estimated
MATCH (a:Account)-[u:PAID_WITH|USED_IP|USED_DEVICE|SENT|HAS]->(v:PaymentInstrument|IpAddress|Device|Identifier|PromptTemplate)
WHERE a.account_id = $account_id
RETURN v.kind AS kind, v.key AS key, v.value AS value, u.role AS role, u.uses AS uses,
       u.first_seen AS first_seen, u.last_seen AS last_seen, v.accounts AS accounts,
       v.operators AS operators
ORDER BY kind, key, role
