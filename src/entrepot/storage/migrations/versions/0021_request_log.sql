CREATE TABLE logged_requests (
    marketplace_id BIGINT NOT NULL,
    "ID" TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    request_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    status INTEGER NOT NULL,
    microseconds BIGINT NOT NULL,
    error TEXT,
    user_id TEXT,
    username TEXT,
    user_type TEXT,
    company_id TEXT,
    client_id TEXT,
    CONSTRAINT pk_logged_requests PRIMARY KEY (marketplace_id, "ID"),
    CONSTRAINT fk_logged_requests_marketplace FOREIGN KEY(marketplace_id) REFERENCES marketplaces (marketplace_id)
        ON DELETE CASCADE
);
CREATE INDEX ix_logged_requests_created ON logged_requests (marketplace_id, created_at, lower("ID"));
CREATE INDEX ix_logged_requests_request ON logged_requests (marketplace_id, lower(request_id));
CREATE INDEX ix_deliveries_request ON deliveries (marketplace_id, lower(request_id));
