// title: What a cluster shares
// question: Which values do members share, and who else has them?
// parameter: cluster_id string = "C-7tt6": the cluster
// column: kind: payment, ip, device, email, phone, template or what the input calls it
// column: key: the value with its kind, as other queries take it
// column: value: the value
// column: members: members that use it
// column: outsiders: other accounts that use it
// column: operators: how many operators use it, as estimated
MATCH (c:Cluster)<-[:MEMBER_OF]-(a:Account)
      -[:PAID_WITH|USED_IP|USED_DEVICE|SENT|HAS]->(v:PaymentInstrument|IpAddress|Device|Identifier|PromptTemplate)
WHERE c.cluster_id = $cluster_id
WITH v.kind AS kind, v.key AS key, v.value AS value, v.accounts AS accounts,
     v.operators AS operators, count(DISTINCT a.account_id) AS members
WHERE members > 1
RETURN kind, key, value, members, accounts - members AS outsiders, operators
ORDER BY members DESC, outsiders, key
