-- A closed deal knows the day it was closed on, a lost one the reason; an open one knows neither.
SELECT id, stage_type, closed_on
FROM deals
WHERE (stage_type IN ('won', 'lost') AND closed_on IS NULL)
   OR (stage_type = 'won' AND base_amount IS NULL)
   OR (stage_type = 'lost' AND lost_reason_id IS NULL)
   OR closed_on < created_on
   OR (stage_type = 'open' AND (closed_on IS NOT NULL OR closed_owner_id IS NOT NULL OR closed_team_id IS NOT NULL
                                OR closed_region_id IS NOT NULL OR lost_reason_id IS NOT NULL))
