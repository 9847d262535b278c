CREATE TABLE portal_identities (
    method TEXT NOT NULL,
    identity TEXT NOT NULL,
    account_key BIGINT NOT NULL,
    linked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_portal_identities PRIMARY KEY (method, identity),
    CONSTRAINT fk_portal_identities_account FOREIGN KEY(account_key) REFERENCES portal_accounts (key) ON DELETE CASCADE
);
CREATE UNIQUE INDEX uq_portal_identities_account ON portal_identities (account_key, method);
CREATE TABLE portal_removed_methods (
    account_key BIGINT NOT NULL,
    method TEXT NOT NULL,
    CONSTRAINT pk_portal_removed_methods PRIMARY KEY (account_key, method),
    CONSTRAINT fk_portal_removed_methods_account FOREIGN KEY(account_key) REFERENCES portal_accounts (key) ON DELETE CASCADE
);
CREATE TABLE portal_used_states (
    state_digest BYTEA NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_portal_used_states PRIMARY KEY (state_digest)
);
CREATE INDEX ix_portal_used_states_expires ON portal_used_states (expires_at);
