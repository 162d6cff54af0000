-- A deal stands in a stage of the type that its life cycle says.
SELECT deals.id, deals.stage_type, stages.type
FROM deals
JOIN stages ON stages.id = deals.stage_id
WHERE stages.type <> deals.stage_type
UNION ALL
SELECT id, stage_type, NULL
FROM deals
WHERE stage_id IS NULL OR stage_type IS NULL OR stage_since IS NULL
