CREATE TABLE repeats (
    marketplace_id BIGINT NOT NULL,
    caller TEXT NOT NULL,
    key TEXT NOT NULL,
    digest BYTEA NOT NULL,
    answer BYTEA,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_repeats PRIMARY KEY (marketplace_id, caller, key),
    CONSTRAINT fk_repeats_marketplace FOREIGN KEY(marketplace_id) REFERENCES marketplaces (marketplace_id) ON DELETE CASCADE
);
CREATE INDEX ix_repeats_created ON repeats (marketplace_id, created_at);
