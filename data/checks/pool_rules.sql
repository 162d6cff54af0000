-- Two rules of the pool about the same team and kind of record.
SELECT team_id, entity, count(*) AS rules
FROM pool_rules
WHERE archived_at IS NULL
GROUP BY team_id, entity
HAVING count(*) > 1
