-- An order says that something of it has left exactly when a shipment of it has.
SELECT orders.id, orders.delivery_state
FROM orders
WHERE orders.archived_at IS NULL
  AND (orders.delivery_state <> 'none')
      <> (orders.id IN (SELECT order_id FROM shipments
                        WHERE archived_at IS NULL AND (shipped_on IS NOT NULL OR delivered_on IS NOT NULL)))
