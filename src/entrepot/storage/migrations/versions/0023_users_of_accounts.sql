CREATE INDEX ix_default_users_account ON default_users (account_key);
