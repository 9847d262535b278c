ALTER TABLE users SET (fillfactor = 85);
ALTER TABLE products SET (fillfactor = 85);
ALTER TABLE price_schedules SET (fillfactor = 85);
