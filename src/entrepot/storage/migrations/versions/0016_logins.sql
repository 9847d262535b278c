CREATE TABLE linked_identities (
    marketplace_id BIGINT NOT NULL,
    "OpenIdConnectID" CITEXT NOT NULL,
    identity CITEXT NOT NULL,
    user_key BIGINT NOT NULL,
    linked_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_linked_identities PRIMARY KEY (marketplace_id, "OpenIdConnectID", identity),
    CONSTRAINT fk_linked_identities_marketplace FOREIGN KEY(marketplace_id) REFERENCES marketplaces (marketplace_id) ON DELETE CASCADE,
    CONSTRAINT fk_linked_identities_openidconnectid FOREIGN KEY(marketplace_id, "OpenIdConnectID") REFERENCES open_id_connects (marketplace_id, "ID") ON DELETE CASCADE,
    CONSTRAINT fk_linked_identities_userkey FOREIGN KEY(marketplace_id, user_key) REFERENCES users (marketplace_id, key) ON DELETE CASCADE
);
CREATE INDEX ix_linked_identities_openidconnectid ON linked_identities (marketplace_id, "OpenIdConnectID");
CREATE INDEX ix_linked_identities_userkey ON linked_identities (marketplace_id, user_key);
CREATE TABLE used_login_states (
    marketplace_id BIGINT NOT NULL,
    state_digest BYTEA NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_used_login_states PRIMARY KEY (marketplace_id, state_digest),
    CONSTRAINT fk_used_login_states_marketplace FOREIGN KEY(marketplace_id) REFERENCES marketplaces (marketplace_id) ON DELETE CASCADE
);
