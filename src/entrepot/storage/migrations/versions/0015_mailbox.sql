CREATE TABLE mailbox (
    marketplace_id BIGINT NOT NULL,
    "ID" CITEXT NOT NULL,
    "MessageType" TEXT NOT NULL,
    "Recipient" TEXT NOT NULL,
    "Username" TEXT NOT NULL,
    "Subject" TEXT NOT NULL,
    "DateCreated" TIMESTAMP WITH TIME ZONE NOT NULL,
    content BYTEA NOT NULL,
    CONSTRAINT pk_mailbox PRIMARY KEY (marketplace_id, "ID"),
    CONSTRAINT fk_mailbox_marketplace FOREIGN KEY(marketplace_id) REFERENCES marketplaces (marketplace_id) ON DELETE CASCADE
);
CREATE INDEX ls_mailbox_sort_datecreated_546d4e ON mailbox USING btree (marketplace_id, "DateCreated" ASC, "ID" ASC);
CREATE INDEX ix_deliveries_log ON deliveries (marketplace_id, created_at, lower("ID"));
CREATE INDEX ix_deliveries_log_aggregate ON deliveries (marketplace_id, lower(aggregate), created_at, lower("ID"));
CREATE INDEX ix_deliveries_log_integration ON deliveries (marketplace_id, integration_id, created_at, lower("ID"));
CREATE INDEX ix_deliveries_log_status ON deliveries (marketplace_id, status, created_at, lower("ID"));
