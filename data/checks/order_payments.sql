-- No order is paid beyond its total, in its own currency, and what was paid for it is known to it.
SELECT orders.id, orders.total_amount, orders.paid, sum(payments.amount) AS received
FROM orders
JOIN payments ON payments.order_id = orders.id AND payments.archived_at IS NULL
WHERE orders.archived_at IS NULL
GROUP BY orders.id, orders.total_amount, orders.paid, orders.status, orders.currency
HAVING (orders.status <> 'cancelled' AND sum(payments.amount) > orders.total_amount)
    OR sum(payments.amount) > orders.paid
    OR min(payments.currency) <> orders.currency OR max(payments.currency) <> orders.currency
