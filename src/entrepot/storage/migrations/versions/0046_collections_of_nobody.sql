ALTER TABLE product_collections ALTER COLUMN user_key DROP NOT NULL;
