-- Credit for a deal that is not won has shares, but no money yet.
SELECT deal_credits.id, deals.stage_type, deal_credits.amount
FROM deal_credits
JOIN deals ON deals.id = deal_credits.deal_id
WHERE deals.stage_type <> 'won' AND deal_credits.archived_at IS NULL AND deal_credits.amount IS NOT NULL
