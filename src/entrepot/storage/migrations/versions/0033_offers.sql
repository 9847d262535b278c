CREATE TABLE portal_offers (
    marketplace_id BIGINT NOT NULL,
    account_key BIGINT NOT NULL,
    offered_by BIGINT NOT NULL,
    offered_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_portal_offers PRIMARY KEY (marketplace_id),
    CONSTRAINT fk_portal_offers_organization FOREIGN KEY(marketplace_id) REFERENCES portal_organizations (marketplace_id) ON DELETE CASCADE,
    CONSTRAINT fk_portal_offers_account FOREIGN KEY(account_key) REFERENCES portal_accounts (key) ON DELETE CASCADE,
    CONSTRAINT fk_portal_offers_offered_by FOREIGN KEY(offered_by) REFERENCES portal_accounts (key) ON DELETE CASCADE
);
CREATE INDEX ix_portal_offers_account ON portal_offers (account_key);
CREATE INDEX ix_portal_offers_offered_by ON portal_offers (offered_by);
CREATE INDEX ix_portal_accounts_search ON portal_accounts USING gin (lower("Username"::text) gin_trgm_ops, lower("Name") gin_trgm_ops);
CREATE INDEX ix_portal_teams_search ON portal_teams USING gin (lower("Id"::text) gin_trgm_ops, lower("Name") gin_trgm_ops);
