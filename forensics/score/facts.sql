-- One row per cluster. Shares are of the cluster's accounts unless the name says otherwise.
WITH
size AS (SELECT cluster, count(*) AS accounts FROM members GROUP BY cluster),
people AS (
    SELECT m.cluster, a.* EXCLUDE (prompts), a.prompts AS prompt_count
    FROM members m JOIN accounts a USING (account)
),
signups AS (
    SELECT cluster,
           count(*) FILTER (status = 'suspended') AS suspended,
           count(*) FILTER (status = 'deleted') AS deleted,
           count(*) FILTER (status IS NULL) AS without_status,
           count(*) FILTER (coalesce(status, 'active') = 'active') AS active,
           count(status) AS with_status,
           min(first_seen) AS first_seen, max(last_seen) AS last_seen,
           -- Between tenths, made up to the whole: one old account does not make a cluster old.
           epoch(quantile_cont(created_at, 0.9) - quantile_cont(created_at, 0.1)) / 86400 / 0.8
               AS signup_days,
           epoch(median(last_seen - created_at)) / 86400 AS days_in_use,
           count(*) FILTER (lower(plan) SIMILAR TO '.*(team|business|enterprise|organi[sz]ation|company).*')
               / nullif(count(plan), 0) AS team_plan,
           count(*) FILTER (email_domain IN (SELECT domain FROM throw_away))
               / nullif(count(email_domain), 0) AS throw_away_mail
    FROM people GROUP BY cluster
),
top_domain AS (
    SELECT cluster, max_by(email_domain, (n, email_domain)) AS domain,
           max(n) AS domain_members
    FROM (SELECT cluster, email_domain, count(*) AS n FROM people
          WHERE email_domain IS NOT NULL GROUP BY ALL)
    GROUP BY cluster
),
domain_users AS (SELECT email_domain AS domain, count(*) AS domain_accounts FROM accounts GROUP BY 1),
-- Accounts whose mail domain hardly anybody else has: an agency's customers, a person's own.
own_domains AS (
    SELECT p.cluster, count(*) FILTER (d.domain_accounts <= 2) / count(*) AS own_domains,
           count(*) FILTER (regexp_matches(p.email_domain, $school)) / count(*) AS school_mail
    FROM people p JOIN domain_users d ON d.domain = p.email_domain GROUP BY p.cluster
),
-- Something other than a release was on when half of them signed up: campaigns wait for releases.
occasions AS (
    SELECT DISTINCT m.cluster, true AS at_an_event
    FROM (SELECT cluster, median(created_at) AS middle FROM people GROUP BY cluster) m
    JOIN events e ON coalesce(e.kind, '') NOT ILIKE '%release%' AND m.middle BETWEEN e."at" - INTERVAL 1 DAY AND e."at" + INTERVAL 3 DAY
),
-- Gone on their own accord: last seen within two weeks, although the case goes on for a month.
gone AS (
    SELECT cluster, count(*) FILTER (last_seen < created_at + INTERVAL 14 DAY) / count(*) AS gone
    FROM people
    WHERE status IS DISTINCT FROM 'suspended'
          AND created_at < (SELECT max(last_seen) FROM accounts) - INTERVAL 30 DAY
    GROUP BY cluster
),
top_organisation AS (
    SELECT cluster, max_by(organisation, (n, organisation)) AS organisation,
           max(n) AS organisation_members
    FROM (SELECT cluster, organisation, count(*) AS n FROM people
          WHERE organisation IS NOT NULL GROUP BY ALL)
    GROUP BY cluster
),
-- The declared group that most members are of, whatever else they are of, and its kind.
of_group AS (
    SELECT DISTINCT p.cluster, p.account, d.group_id, d.kind
    FROM people p JOIN declared d USING (account_id)
),
declared_groups AS (
    SELECT cluster, group_id, count(DISTINCT account) AS members FROM of_group GROUP BY ALL
),
declared_kinds AS (SELECT cluster, group_id, kind, count(*) AS n FROM of_group GROUP BY ALL),
top_declared AS (
    SELECT cluster, arg_min(kind, (-members, group_id, -n, kind)) AS declared_kind,
           max(members) AS declared_members
    FROM declared_groups JOIN declared_kinds USING (cluster, group_id) GROUP BY cluster
),
-- Values, as the cluster's members use them.
used AS (
    SELECT DISTINCT m.cluster, m.account, u.comparison, u.key
    FROM members m JOIN uses u USING (account)
),
inside AS (
    SELECT cluster, comparison, key, count(*) AS members FROM used GROUP BY ALL
),
-- The largest share of the platform that uses what most of the cluster uses.
platform AS (
    SELECT i.cluster, max(v.accounts) / (SELECT count(*) FROM accounts) AS platform_share
    FROM inside i JOIN size s USING (cluster) JOIN values_shared v USING (key)
    WHERE i.comparison IN ('instrument', 'device', 'address', 'phone', 'email')
          AND 2 * i.members >= s.accounts
    GROUP BY i.cluster
),
payer AS (
    SELECT cluster, max(members) AS payer_members, count(*) AS instruments
    FROM inside JOIN values_shared v USING (key)
    WHERE inside.comparison = 'instrument' AND v.public IS NULL
    GROUP BY cluster
),
-- A card is one fact, however many accounts use it: shares of the instruments of which it is known,
-- in full from three on. One is of another country if most of its accounts declare another.
payers AS (
    SELECT cluster, count(concealed) AS cards_of_kind, count(*) FILTER (concealed) AS cards_concealed,
           count(differs) AS cards_of_country, count(*) FILTER (differs) AS cards_abroad,
           least(1, count(concealed) / 3) * avg(concealed::INT) AS concealed_cards,
           least(1, count(differs) / 3) * avg(differs::INT) AS country_differs
    FROM (
        SELECT m.cluster, p.instrument_id,
               bool_or(p.kind IN ('prepaid', 'virtual', 'crypto')) AS concealed,
               avg((p.issuer_country <> m.country)::INT) > 0.5 AS differs
        FROM people m JOIN paid p USING (account_id) GROUP BY ALL
    )
    GROUP BY cluster
),
paying AS (
    SELECT m.cluster,
           count(DISTINCT (m.account, p.instrument_id)) / count(DISTINCT m.account)
               AS instruments_per_account
    FROM people m JOIN paid p USING (account_id) GROUP BY m.cluster
),
devices AS (
    SELECT u.cluster,
           count(DISTINCT u.account) FILTER (i.members > 1) / count(DISTINCT u.account)
               AS shared_devices,
           count(DISTINCT u.key) AS devices
    FROM used u JOIN inside i USING (cluster, comparison, key) JOIN values_shared v USING (key)
    WHERE u.comparison = 'device' AND v.public IS NULL GROUP BY u.cluster
),
-- Members that share with another what is finer than a network, a card range or a mail domain,
-- and few operators have.
personal AS (
    SELECT u.cluster, count(DISTINCT u.account) AS sharing
    FROM used u JOIN inside i USING (cluster, comparison, key) JOIN values_shared v USING (key)
    WHERE i.members > 1 AND u.comparison <> 'template' AND v.operators <= $most AND v.public IS NULL
          AND coalesce(v.network_kind, '') NOT IN ('mobile', 'education', 'vpn')
    GROUP BY u.cluster
),
networks AS (
    SELECT u.cluster,
           count(DISTINCT u.account) FILTER (v.network_kind = 'vpn')
               / count(DISTINCT u.account) AS on_vpn,
           count(DISTINCT u.account) FILTER (v.network_kind = 'mobile')
               / count(DISTINCT u.account) AS on_mobile,
           count(DISTINCT u.account) FILTER (v.network_kind = 'education')
               / count(DISTINCT u.account) AS on_education,
           count(DISTINCT u.account) FILTER (v.network_kind = 'corporate')
               / count(DISTINCT u.account) AS on_corporate
    FROM used u JOIN values_shared v USING (key) WHERE u.comparison = 'address' GROUP BY u.cluster
),
-- Succession: suspended accounts that a sign-up in the cluster follows within three days. A cluster
-- that grows has such sign-ups whenever an account is suspended: so many are by chance as three days
-- are of the times between the sign-ups before and after each suspension.
joined AS (
    SELECT cluster, created_at,
           epoch(created_at - lag(created_at) OVER (PARTITION BY cluster ORDER BY created_at))
               AS gap_s
    FROM (SELECT DISTINCT cluster, created_at FROM people WHERE created_at IS NOT NULL)
),
followed AS (
    SELECT a.cluster, epoch(b.created_at - a.status_at) AS wait_s, 3 * 86400 AS soon_s, b.gap_s
    FROM people a ASOF JOIN joined b ON a.cluster = b.cluster AND a.status_at < b.created_at
    WHERE a.status = 'suspended' AND a.status_at >= a.created_at
),
replaced AS (
    SELECT cluster, count(*) FILTER (wait_s <= soon_s) AS replaced,
           sum(least(soon_s / gap_s, 1)) AS replaced_by_chance
    FROM followed GROUP BY cluster
)
SELECT s.*, g.* EXCLUDE (cluster),
       d.domain, d.domain_members, d.domain_members / s.accounts AS domain_share,
       d.domain_members / du.domain_accounts AS domain_inside,
       w.own_domains, w.school_mail, e.at_an_event, z.gone,
       o.organisation, o.organisation_members / s.accounts AS organisation_share,
       f.platform_share,
       c.declared_kind, coalesce(c.declared_members, 0) / s.accounts AS declared_share,
       p.payer_members / s.accounts AS payer_share, p.instruments,
       ps.* EXCLUDE (cluster), pp.* EXCLUDE (cluster), v.* EXCLUDE (cluster), n.* EXCLUDE (cluster),
       coalesce(x.sharing, 0) / s.accounts AS sharing,
       coalesce(r.replaced, 0) AS replaced,
       coalesce(r.replaced_by_chance, 0) AS replaced_by_chance
FROM size s
LEFT JOIN signups g USING (cluster) LEFT JOIN top_domain d USING (cluster)
LEFT JOIN domain_users du ON du.domain = d.domain LEFT JOIN top_organisation o USING (cluster)
LEFT JOIN top_declared c USING (cluster) LEFT JOIN payer p USING (cluster)
LEFT JOIN payers ps USING (cluster) LEFT JOIN paying pp USING (cluster) LEFT JOIN devices v USING (cluster)
LEFT JOIN networks n USING (cluster) LEFT JOIN personal x USING (cluster)
LEFT JOIN own_domains w USING (cluster) LEFT JOIN occasions e USING (cluster) LEFT JOIN gone z USING (cluster)
LEFT JOIN replaced r USING (cluster) LEFT JOIN platform f USING (cluster)
ORDER BY s.cluster
