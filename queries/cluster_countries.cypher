// title: Countries of a cluster
// question: Where do members say they are, and where are their cards from?
// parameter: cluster_id string = "C-7tt6": the cluster
// column: declared_country: country at sign-up
// column: issuer_country: country of the payment instrument; null where there is none
// column: members: members with this pair of countries
// column: instruments: instruments they pay with
MATCH (a:Account)-[:MEMBER_OF]->(c:Cluster)
WHERE c.cluster_id = $cluster_id
OPTIONAL MATCH (a)-[:PAID_WITH]->(p:PaymentInstrument)
RETURN a.country AS declared_country, p.issuer_country AS issuer_country,
       count(DISTINCT a.account_id) AS members, count(DISTINCT p.key) AS instruments
ORDER BY members DESC, coalesce(declared_country, ''), coalesce(issuer_country, '')
