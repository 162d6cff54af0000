-- The credit of a won deal is whole: its shares sum to one and its parts to the deal; without an owner there is none.
SELECT deals.id, sum(deal_credits.share) AS shares, sum(deal_credits.amount) AS parts
FROM deals
LEFT JOIN deal_credits ON deal_credits.deal_id = deals.id AND deal_credits.archived_at IS NULL
WHERE deals.stage_type = 'won'
GROUP BY deals.id, deals.base_amount, deals.closed_owner_id
HAVING (count(deal_credits.id) = 0 AND deals.closed_owner_id IS NOT NULL)
    OR (count(deal_credits.id) > 0
        AND (sum(deal_credits.share) <> 1 OR sum(deal_credits.amount) IS NULL
             OR sum(deal_credits.amount) <> deals.base_amount OR count(deal_credits.amount) <> count(deal_credits.id)))
