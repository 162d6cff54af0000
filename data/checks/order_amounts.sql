-- What an order comes to follows from its parts, and what is still due from its returns and payments.
SELECT orders.id, orders.amount, orders.total_amount, orders.due
FROM orders
LEFT JOIN (SELECT order_id, sum(amount) AS amount FROM order_lines WHERE archived_at IS NULL GROUP BY order_id) lines
       ON lines.order_id = orders.id
LEFT JOIN (SELECT order_id, sum(amount) AS amount FROM returns WHERE archived_at IS NULL GROUP BY order_id) back
       ON back.order_id = orders.id
WHERE orders.archived_at IS NULL
  AND ((orders.amount_from = 'lines' AND coalesce(orders.amount, 0) <> coalesce(lines.amount, 0))
       OR coalesce(orders.total_amount, 0)
          <> coalesce(orders.amount, 0) + coalesce(orders.tax, 0) + coalesce(orders.freight, 0)
       OR (orders.total_amount IS NOT NULL
           AND orders.due <> CASE WHEN orders.status = 'cancelled' THEN 0
                             ELSE orders.total_amount - coalesce(back.amount, 0) END - orders.paid))
