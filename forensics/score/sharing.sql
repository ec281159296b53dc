-- When the accounts of each cluster use what they share. One row per cluster.
WITH
-- Values of a few operators. A phone or a mailbox is held as long as the account is used.
held AS (
    SELECT m.cluster, m.account, u.comparison, u.key, min(u.first_seen) AS first_seen,
           max(CASE WHEN u.comparison IN ('phone', 'email') THEN a.last_seen ELSE u.last_seen END)
               AS last_seen
    FROM members m JOIN uses u USING (account) JOIN accounts a USING (account)
         JOIN values_shared v USING (key)
    WHERE u.comparison <> 'email_domain' AND u.first_seen IS NOT NULL AND v.operators <= $most
          AND coalesce(v.network_kind, '') NOT IN ('mobile', 'education', 'vpn')
    GROUP BY ALL
),
shared AS (
    SELECT *, count(*) OVER (PARTITION BY cluster, key) AS members FROM held QUALIFY members > 1
),
-- How long a value had lain idle when the next member took it up.
turns AS (
    SELECT cluster, first_seen - max(last_seen) OVER (
               PARTITION BY cluster, key ORDER BY first_seen, last_seen, account
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
           ) AS idle
    FROM shared WHERE comparison <> 'template'
),
handed AS (
    SELECT cluster, avg((idle > INTERVAL 30 DAY)::INT) AS handed_on FROM turns
    WHERE idle IS NOT NULL GROUP BY cluster
),
-- Accounts with a life of their own before they shared anything (`cluster/settled.py`).
joining AS (SELECT cluster, account, min(first_seen) AS since FROM shared GROUP BY ALL),
lives AS (
    SELECT j.cluster, j.account, any_value(j.since - a.created_at) AS age,
           count(DISTINCT date_trunc('day', m."at")) FILTER (m."at" < j.since) AS days
    FROM joining j JOIN accounts a USING (account) LEFT JOIN moments m USING (account)
    WHERE a.created_at IS NOT NULL GROUP BY ALL
),
settled AS (
    SELECT cluster, avg((age > to_days($age) AND days >= $days)::INT) AS settled FROM lives
    GROUP BY cluster
),
-- Of the hours in which members are active, on days when several are: those with another member.
hours AS (
    SELECT c.cluster, epoch_us(m."at") // 3600000000 AS hour, count(DISTINCT m.account) AS users
    FROM members c JOIN moments m USING (account) GROUP BY ALL
),
days AS (
    SELECT c.cluster, epoch_us(m."at") // 86400000000 AS day
    FROM members c JOIN moments m USING (account)
    GROUP BY ALL HAVING count(DISTINCT m.account) > 1
),
together AS (
    SELECT h.cluster, coalesce(sum(users) FILTER (users > 1), 0) / sum(users) AS same_hours
    FROM hours h JOIN days d ON d.cluster = h.cluster AND d.day = h.hour // 24
    GROUP BY h.cluster HAVING sum(users) >= 10
)
SELECT s.cluster, h.handed_on, l.settled, t.same_hours
FROM (SELECT DISTINCT cluster FROM members) s
LEFT JOIN handed h USING (cluster) LEFT JOIN settled l USING (cluster)
LEFT JOIN together t USING (cluster)
ORDER BY s.cluster
