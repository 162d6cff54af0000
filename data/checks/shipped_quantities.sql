-- No more is shipped of an order line than was ordered, and nothing of another order.
SELECT order_lines.id, order_lines.quantity, sum(shipment_lines.quantity) AS shipped
FROM order_lines
JOIN shipment_lines ON shipment_lines.order_line_id = order_lines.id AND shipment_lines.archived_at IS NULL
JOIN shipments ON shipments.id = shipment_lines.shipment_id AND shipments.archived_at IS NULL
GROUP BY order_lines.id, order_lines.quantity, order_lines.order_id
HAVING sum(shipment_lines.quantity) > order_lines.quantity
    OR min(shipments.order_id) <> order_lines.order_id OR max(shipments.order_id) <> order_lines.order_id
