// title: Same address at the same time
// question: Which members were seen at one address within the hour?
// parameter: cluster_id string = "C-7tt6": the cluster
// parameter: window_s integer = 3600: how far apart two sightings may be, in seconds
// column: account_a: one member
// column: account_b: the other
// column: ip: the address
// column: network_kind: residential, mobile, datacenter, vpn, education, corporate or other
// column: operators: how many operators use it, as estimated
MATCH (a:Account)-[ua:USED_IP]->(i:IpAddress)<-[ub:USED_IP]-(b:Account)
WHERE a.cluster_id = $cluster_id AND b.cluster_id = $cluster_id AND a.account_id < b.account_id
      AND (abs(ua.first_s - ub.first_s) <= $window_s OR abs(ua.last_s - ub.last_s) <= $window_s
           OR abs(ua.first_s - ub.last_s) <= $window_s OR abs(ua.last_s - ub.first_s) <= $window_s)
RETURN DISTINCT a.account_id AS account_a, b.account_id AS account_b, i.value AS ip,
       i.network_kind AS network_kind, i.operators AS operators
ORDER BY account_a, account_b, ip
