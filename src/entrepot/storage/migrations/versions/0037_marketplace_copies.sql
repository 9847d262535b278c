CREATE TABLE marketplace_copies (
    marketplace_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    "ID" CITEXT NOT NULL,
    "Name" TEXT,
    copy_id BIGINT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_marketplace_copies PRIMARY KEY (marketplace_id, kind, "ID")
);
CREATE INDEX ix_marketplace_copies_over ON marketplace_copies (expires_at) WHERE expires_at IS NOT NULL;
