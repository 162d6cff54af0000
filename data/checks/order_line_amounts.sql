-- A line that was entered here comes to quantity × price × (1 − discount), to the cent.
SELECT id, quantity, price, discount, amount
FROM order_lines
WHERE source IS NULL AND archived_at IS NULL AND price IS NOT NULL
  AND (amount IS NULL
       OR abs(CAST(amount AS DOUBLE PRECISION)
              - CAST(quantity AS DOUBLE PRECISION) * CAST(price AS DOUBLE PRECISION)
                * (1 - CAST(coalesce(discount, 0) AS DOUBLE PRECISION)))
          > 0.006 + 0.000001 * CAST(quantity AS DOUBLE PRECISION))
