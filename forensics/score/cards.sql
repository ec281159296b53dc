-- How many payment instruments each cluster has, and of how many `facts.sql` takes the shares: a
-- card is of another country if most of its accounts declare another. One row per cluster.
WITH
cards AS (
    SELECT m.cluster, p.instrument_id,
           bool_or(p.kind IN ('prepaid', 'virtual', 'crypto')) AS concealed,
           avg((p.issuer_country <> a.country)::INT) > 0.5 AS differs
    FROM members m JOIN accounts a USING (account) JOIN payments p USING (account_id) GROUP BY ALL
)
SELECT s.cluster, count(c.instrument_id) AS cards,
       count(c.concealed) AS cards_of_kind, count(*) FILTER (c.concealed) AS cards_concealed,
       count(c.differs) AS cards_of_country, count(*) FILTER (c.differs) AS cards_abroad
FROM (SELECT DISTINCT cluster FROM members) s LEFT JOIN cards c USING (cluster)
GROUP BY s.cluster ORDER BY s.cluster
