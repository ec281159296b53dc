-- One row per cluster. Shares are of the cluster's accounts unless the name says otherwise.
WITH
size AS (SELECT cluster, count(*) AS accounts FROM members GROUP BY cluster),
people AS (
    SELECT m.cluster, a.* EXCLUDE (prompts), a.prompts AS prompt_count
    FROM members m JOIN accounts a USING (account)
),
signups AS (
    SELECT cluster,
           count(*) FILTER (has_signup) AS signups,
           count(*) FILTER (status = 'suspended') AS suspended,
           count(*) FILTER (coalesce(status, 'active') = 'active') AS active,
           count(status) AS with_status,
           min(first_seen) AS first_seen, max(last_seen) AS last_seen,
           epoch(max(created_at) - min(created_at)) / 86400 AS signup_days,
           count(*) FILTER (plan SIMILAR TO '.*(team|business|enterprise|organi[sz]ation|company).*')
               / nullif(count(plan), 0) AS team_plan,
           count(email_domain) AS with_email,
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
top_organisation AS (
    SELECT cluster, max_by(organisation, (n, organisation)) AS organisation,
           max(n) AS organisation_members
    FROM (SELECT cluster, organisation, count(*) AS n FROM people
          WHERE organisation IS NOT NULL GROUP BY ALL)
    GROUP BY cluster
),
top_declared AS (
    SELECT cluster, max_by(declared_kind, (n, declared_group)) AS declared_kind,
           max_by(declared_group, (n, declared_group)) AS declared_group,
           max(n) AS declared_members
    FROM (SELECT cluster, declared_group, declared_kind, count(*) AS n FROM people
          WHERE declared_group IS NOT NULL GROUP BY ALL)
    GROUP BY cluster
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
    FROM inside WHERE comparison = 'instrument' GROUP BY cluster
),
-- A card is one fact, however many accounts use it: shares of instruments, in full from three on.
payers AS (
    SELECT cluster, least(1, count(*) / 3) * avg(concealed::INT) AS concealed_cards,
           least(1, count(*) / 3) * avg(differs::INT) AS country_differs
    FROM (
        SELECT m.cluster, p.instrument_id,
               bool_or(p.kind IN ('prepaid', 'virtual', 'crypto')) AS concealed,
               avg((p.issuer_country <> m.country)::INT) > 0.5 AS differs
        FROM people m JOIN payments p USING (account_id) GROUP BY ALL
    )
    GROUP BY cluster
),
paying AS (
    SELECT m.cluster, count(DISTINCT m.account) AS with_payment,
           count(DISTINCT (m.account, p.instrument_id)) / count(DISTINCT m.account)
               AS instruments_per_account
    FROM people m JOIN payments p USING (account_id) GROUP BY m.cluster
),
devices AS (
    SELECT u.cluster, count(DISTINCT u.account) AS with_device,
           count(DISTINCT u.account) FILTER (i.members > 1) / count(DISTINCT u.account)
               AS shared_devices,
           count(DISTINCT u.key) AS devices
    FROM used u JOIN inside i USING (cluster, comparison, key)
    WHERE comparison = 'device' GROUP BY u.cluster
),
networks AS (
    SELECT u.cluster, count(DISTINCT u.account) AS with_address,
           count(DISTINCT u.account) FILTER (v.network_kind = 'datacenter')
               / count(DISTINCT u.account) AS on_datacenter,
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
-- Prompts: templates that several members send and few outside do are the cluster's own.
template_use AS (
    SELECT u.cluster, u.account, v.family, u.key, i.members,
           v.public IS NULL AND i.members >= greatest(3, 0.5 * v.accounts)
               AND i.members >= 0.08 * s.accounts AS own,
           v.public IS NOT NULL OR i.members < 0.3 * v.accounts AS common
    FROM used u JOIN inside i USING (cluster, comparison, key) JOIN values_shared v USING (key)
         JOIN size s USING (cluster)
    WHERE u.comparison = 'template'
),
prompt_sums AS (
    SELECT m.cluster, sum(m.prompt_count) AS prompts, count(*) FILTER (m.prompt_count > 0)
               AS with_prompts
    FROM people m GROUP BY m.cluster
),
template_sums AS (
    SELECT t.cluster, sum(x.uses) FILTER (t.own) AS own_prompts,
           sum(x.uses) FILTER (t.common) AS common_prompts,
           count(DISTINCT t.account) FILTER (t.own) AS own_senders,
           count(DISTINCT t.key) FILTER (t.own) AS own_templates
    FROM template_use t JOIN uses x USING (account, key) GROUP BY t.cluster
),
-- Activity: how even over the hours of the day, and how parallel.
moments AS (
    SELECT m.cluster, m.account, e."at"
    FROM people m JOIN (
        SELECT account_id, "at" FROM prompts
        UNION ALL SELECT account_id, first_seen FROM ips WHERE first_seen = last_seen
    ) e USING (account_id)
),
hours AS (
    SELECT cluster, hour("at") AS hour, count(*) AS n FROM moments GROUP BY ALL
),
clock AS (
    SELECT cluster, sum(n) AS events,
           -sum(n / total * ln(n / total)) / ln(24) AS evenness
    FROM (SELECT *, sum(n) OVER (PARTITION BY cluster) AS total FROM hours) GROUP BY cluster
),
weekend AS (
    SELECT cluster, count(*) FILTER (isodow("at") >= 6) / count(*) AS weekend FROM moments
    GROUP BY cluster
),
-- Succession: suspended accounts that a sign-up in the cluster follows within three days, and
-- how much of the time of an account another one of the cluster is in use as well.
replaced AS (
    SELECT a.cluster, count(DISTINCT a.account) AS replaced
    FROM people a JOIN people b ON a.cluster = b.cluster AND b.created_at > a.status_at
         AND b.created_at <= a.status_at + INTERVAL 3 DAY
    WHERE a.status = 'suspended' GROUP BY a.cluster
),
days AS (
    SELECT cluster, account, date_trunc('day', "at") AS day FROM moments GROUP BY ALL
),
parallel AS (
    SELECT cluster, avg((users > 1)::INT) AS parallel
    FROM (SELECT cluster, day, count(*) AS users FROM days GROUP BY ALL) GROUP BY cluster
)
SELECT s.*, g.* EXCLUDE (cluster),
       d.domain, d.domain_members, d.domain_members / s.accounts AS domain_share,
       d.domain_members / du.domain_accounts AS domain_inside,
       o.organisation, o.organisation_members / s.accounts AS organisation_share,
       f.platform_share,
       c.declared_group, c.declared_kind, coalesce(c.declared_members, 0) / s.accounts AS declared_share,
       p.payer_members / s.accounts AS payer_share, p.instruments,
       ps.concealed_cards, ps.country_differs, pp.* EXCLUDE (cluster), v.* EXCLUDE (cluster), n.* EXCLUDE (cluster),
       q.prompts, q.with_prompts,
       CASE WHEN q.prompts > 0 THEN coalesce(t.own_prompts, 0) / q.prompts END AS own_prompt_share,
       CASE WHEN q.prompts > 0 THEN coalesce(t.common_prompts, 0) / q.prompts END
           AS common_prompt_share,
       CASE WHEN q.with_prompts > 0 THEN coalesce(t.own_senders, 0) / q.with_prompts END
           AS own_senders,
       t.own_templates, k.events, k.evenness, w.weekend,
       coalesce(r.replaced, 0) AS replaced, l.parallel
FROM size s
LEFT JOIN signups g USING (cluster) LEFT JOIN top_domain d USING (cluster)
LEFT JOIN domain_users du ON du.domain = d.domain LEFT JOIN top_organisation o USING (cluster)
LEFT JOIN top_declared c USING (cluster) LEFT JOIN payer p USING (cluster)
LEFT JOIN payers ps USING (cluster) LEFT JOIN paying pp USING (cluster) LEFT JOIN devices v USING (cluster)
LEFT JOIN networks n USING (cluster) LEFT JOIN prompt_sums q USING (cluster)
LEFT JOIN template_sums t USING (cluster) LEFT JOIN clock k USING (cluster)
LEFT JOIN weekend w USING (cluster) LEFT JOIN replaced r USING (cluster)
LEFT JOIN parallel l USING (cluster) LEFT JOIN platform f USING (cluster)
ORDER BY s.cluster
