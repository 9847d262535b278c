CREATE TABLE refused_names (
    marketplace_id BIGINT NOT NULL,
    name_digest BYTEA NOT NULL,
    failed_attempts INTEGER DEFAULT 0 NOT NULL,
    locked_until TIMESTAMP WITH TIME ZONE,
    refused_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_refused_names PRIMARY KEY (marketplace_id, name_digest),
    CONSTRAINT fk_refused_names_marketplace FOREIGN KEY(marketplace_id) REFERENCES marketplaces (marketplace_id) ON DELETE CASCADE
);
