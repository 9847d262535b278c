-- Whose copy a marketplace is.
CREATE INDEX ix_marketplace_copies_copy ON marketplace_copies (copy_id);
