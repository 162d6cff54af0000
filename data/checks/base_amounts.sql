-- The base amount is the amount at the rate that was fixed, rounded to the cent.
SELECT id, amount, rate, base_amount
FROM (
    SELECT id, amount, rate, base_amount FROM deals
    UNION ALL
    SELECT id, amount, rate, base_amount FROM contracts
    UNION ALL
    SELECT id, amount, rate, base_amount FROM orders
    UNION ALL
    SELECT id, amount, rate, base_amount FROM payments
) priced
WHERE (amount IS NULL) <> (base_amount IS NULL)
   OR (amount IS NOT NULL AND rate IS NULL)
   OR abs(base_amount - amount * rate) > 0.005
   OR base_amount <> round(base_amount, 2)
