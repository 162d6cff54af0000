-- What somebody owns and what lies in a pool at the same time.
SELECT id FROM leads WHERE owner_id IS NOT NULL AND pool_team_id IS NOT NULL
UNION ALL
SELECT id FROM customers WHERE owner_id IS NOT NULL AND pool_team_id IS NOT NULL
