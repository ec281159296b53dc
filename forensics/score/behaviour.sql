-- What the accounts of each cluster do: prompts and activity. One row per cluster.
WITH
size AS (SELECT cluster, count(*) AS accounts FROM members GROUP BY cluster),
people AS (SELECT m.cluster, a.account, a.account_id, a.prompts FROM members m JOIN accounts a USING (account)),
prompt_sums AS (
    SELECT cluster, sum(prompts) AS prompts, count(*) FILTER (prompts > 0) AS with_prompts,
           var_samp(ln(prompts)) FILTER (prompts > 0) AS spread
    FROM people GROUP BY cluster
),
-- Templates that several members send and few outside do are the cluster's own.
sent AS (
    SELECT m.cluster, u.account, u.key, u.uses
    FROM members m JOIN uses u USING (account) WHERE u.comparison = 'template'
),
inside AS (SELECT cluster, key, count(DISTINCT account) AS members FROM sent GROUP BY ALL),
template_use AS (
    SELECT t.cluster, t.account, t.key, t.uses, v.capability IS NOT NULL AS about_capability,
           v.public IS NULL AND i.members >= greatest(3, 0.5 * v.accounts)
               AND i.members >= 0.08 * s.accounts AS own,
           v.public IS NOT NULL OR i.members < 0.3 * v.accounts AS common
    FROM sent t JOIN inside i USING (cluster, key) JOIN values_shared v USING (key)
         JOIN size s USING (cluster)
),
template_sums AS (
    SELECT cluster, sum(uses) FILTER (own) AS own_prompts, sum(uses) FILTER (common) AS common_prompts,
           sum(uses) FILTER (own AND about_capability) AS capability_prompts,
           count(DISTINCT account) FILTER (own) AS own_senders,
           count(DISTINCT key) FILTER (own) AS own_templates
    FROM template_use GROUP BY cluster
),
capabilities AS (SELECT count(*) AS known FROM "references" WHERE kind = 'capability'),
-- Output: mean of log tokens, against all other accounts. No account counts for more than four
-- times the median of prompts, nor for more than a hundredth of all; and of a cluster of three and
-- more the member that makes it most is left out: what one account does, the cluster does not.
answers AS (
    SELECT account_id, count(*) AS n, avg(ln(greatest(tokens_out, 1))) AS length
    FROM prompts WHERE tokens_out IS NOT NULL GROUP BY account_id
),
heavy AS (SELECT 4 * median(n) AS n FROM answers),
most AS (
    SELECT least(max(h.n), sum(least(a.n, h.n)) / 100) AS n FROM answers a CROSS JOIN heavy h
),
weighed AS (
    SELECT p.cluster, a.n, least(a.n, m.n) AS weight, weight * a.length AS total
    FROM answers a CROSS JOIN most m LEFT JOIN people p USING (account_id)
),
outputs AS (
    SELECT cluster, sum(n) AS n, count(*) AS accounts, sum(weight) AS weight, sum(total) AS total
    FROM weighed GROUP BY cluster
),
lengths AS (
    SELECT cluster, accounts, weight, total,
           total / weight AS length, (every - total) / (every_weight - weight) AS outside
    FROM (
        SELECT *, sum(total) OVER () AS every, sum(weight) OVER () AS every_weight,
               sum(accounts) OVER () AS every_account
        FROM outputs
    )
    WHERE cluster IS NOT NULL AND n >= 20 AND accounts < every_account
),
longer AS (
    SELECT cluster, l.accounts, l.length - outside AS whole,
           (l.total - w.total) / nullif(l.weight - w.weight, 0) - outside AS without
    FROM weighed w JOIN lengths l USING (cluster)
),
output AS (
    SELECT cluster,
           exp(CASE WHEN accounts < 3 THEN whole
                    WHEN whole > 0 THEN greatest(min(without), 0)
                    ELSE least(max(without), 0) END) AS output_ratio
    FROM longer GROUP BY cluster, accounts, whole
),
-- Pivot: the share of prompts that go to a new model in the three days after its release, beyond
-- what others do; drawn to the others' share by the weight of five prompts. Only accounts that were
-- there before the release can turn to it. Of several releases the one after which it is most, less
-- what the most of so many comes to by chance: accounts, not prompts, are drawn.
releases AS (SELECT DISTINCT "at" FROM events WHERE kind ILIKE '%release%'),
dated AS (
    SELECT q.account_id, q.model, q."at", a.created_at FROM prompts q JOIN accounts a USING (account_id)
    WHERE q.model IS NOT NULL AND (a.created_at IS NULL OR q."at" >= a.created_at)
),
models AS (SELECT model, min("at") AS first_at FROM dated GROUP BY model),
fresh AS (
    SELECT q.account_id, r."at" AS release, count(*) AS n,
           count(*) FILTER (m.first_at >= r."at" - INTERVAL 1 DAY) AS new
    FROM dated q JOIN releases r ON q."at" >= r."at" AND q."at" < r."at" + INTERVAL 3 DAY
             AND coalesce(q.created_at < r."at", true)
         JOIN models m USING (model)
    GROUP BY ALL
),
after_release AS (
    SELECT release, sum(n) AS n, sum(new) AS new, var_samp(new / n) AS spread
    FROM fresh GROUP BY release
),
turns AS (
    SELECT p.cluster, release, count(*) AS accounts, sum(f.n) AS n, sum(f.new) AS new
    FROM fresh f JOIN people p USING (account_id) GROUP BY ALL HAVING sum(f.n) >= 8
),
beyond AS (
    SELECT t.*, (e.new - t.new) / (e.n - t.n) AS outside, e.spread / t.accounts AS variance,
           count(*) OVER (PARTITION BY cluster) AS releases
    FROM turns t JOIN after_release e USING (release) WHERE e.n > t.n
),
turn AS (
    SELECT cluster, max((new + 5 * outside) / (n + 5) - outside - sqrt(2 * ln(releases) * variance))
               AS pivoted
    FROM beyond GROUP BY cluster
),
-- Activity: how even over the hours of the day, and how parallel.
active AS (SELECT p.cluster, m.* FROM people p JOIN moments m USING (account)),
hours AS (SELECT cluster, hour("at") AS hour, count(*) AS n FROM active GROUP BY ALL),
clock AS (
    SELECT cluster, sum(n) AS events,
           -sum(n / total * ln(n / total)) / ln(24) AS evenness
    FROM (SELECT *, sum(n) OVER (PARTITION BY cluster) AS total FROM hours) GROUP BY cluster
),
weekend AS (
    SELECT cluster, count(*) FILTER (isodow("at") >= 6) / count(*) AS weekend FROM active
    GROUP BY cluster
),
days AS (
    SELECT cluster, account, date_trunc('day', "at") AS day FROM active GROUP BY ALL
),
parallel AS (
    SELECT cluster, avg((users > 1)::INT) AS parallel
    FROM (SELECT cluster, day, count(*) AS users FROM days GROUP BY ALL) GROUP BY cluster
),
-- How unlike the accounts of the platform are in their number of prompts. Where all have as many,
-- no cluster's can be more alike: `even_load` is not known.
load AS (SELECT var_samp(ln(prompts)) AS spread FROM accounts WHERE prompts > 0)
SELECT s.cluster, q.prompts, q.with_prompts,
       CASE WHEN q.prompts > 0 THEN coalesce(t.own_prompts, 0) / q.prompts END AS own_prompt_share,
       CASE WHEN q.prompts > 0 THEN coalesce(t.common_prompts, 0) / q.prompts END
           AS common_prompt_share,
       CASE WHEN q.prompts > 0 AND c.known > 0 THEN coalesce(t.capability_prompts, 0) / q.prompts END
           AS capability_share,
       CASE WHEN q.with_prompts > 0 THEN coalesce(t.own_senders, 0) / q.with_prompts END
           AS own_senders,
       t.own_templates, o.output_ratio, v.pivoted,
       CASE WHEN q.with_prompts >= 6 AND l.spread > 0.02
           THEN log2(l.spread / (q.spread + 0.02)) END AS even_load,
       k.events, k.evenness, w.weekend, p.parallel
FROM size s CROSS JOIN capabilities c CROSS JOIN load l
LEFT JOIN prompt_sums q USING (cluster) LEFT JOIN template_sums t USING (cluster)
LEFT JOIN output o USING (cluster) LEFT JOIN turn v USING (cluster)
LEFT JOIN clock k USING (cluster) LEFT JOIN weekend w USING (cluster)
LEFT JOIN parallel p USING (cluster)
ORDER BY s.cluster
