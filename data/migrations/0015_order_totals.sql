-- In addresses `total` asks how many records there are, so what an order comes to has another name.
ALTER TABLE orders RENAME COLUMN total TO total_amount;
ALTER TABLE orders_history RENAME COLUMN total TO total_amount;
