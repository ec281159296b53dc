// title: Networks of a cluster
// question: From which networks do members come, and when?
// parameter: cluster_id string = "C-7tt6": the cluster
// column: network_kind: residential, mobile, datacenter, vpn, education, corporate or other
// column: asn: number of the autonomous system
// column: addresses: addresses in it that members used
// column: members: members that used them
// column: first_seen: first use, UTC
// column: last_seen: last use, UTC
MATCH (c:Cluster)<-[:MEMBER_OF]-(a:Account)-[u:USED_IP]->(i:IpAddress)
WHERE c.cluster_id = $cluster_id
WITH i.network_kind AS network_kind, i.asn AS asn, count(DISTINCT i.key) AS addresses,
     count(DISTINCT a.account_id) AS members, min(u.first_seen) AS first_seen,
     max(u.last_seen) AS last_seen
RETURN network_kind, asn, addresses, members, first_seen, last_seen
ORDER BY members DESC, addresses DESC, coalesce(network_kind, ''), coalesce(asn, -1)
