// title: Public values
// question: Which values do many unrelated operators use?
// parameter: min_operators float = 3.0: leave out values that fewer operators use
// parameter: limit integer = 20: rows at most
// column: kind: kind of the value
// column: key: the value with its kind
// column: value: the value
// column: accounts: accounts that use it
// column: operators: how many operators use it, as estimated
// column: clusters: clusters whose members use it
MATCH (v:PaymentInstrument|IpAddress|Device|Identifier|PromptTemplate)
WHERE v.operators >= $min_operators
RETURN v.kind AS kind, v.key AS key, v.value AS value, v.accounts AS accounts,
       v.operators AS operators, v.clusters AS clusters
ORDER BY operators DESC, key
LIMIT $limit
