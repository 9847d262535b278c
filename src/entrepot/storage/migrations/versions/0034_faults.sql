CREATE TABLE faults (
    marketplace_id BIGINT NOT NULL,
    "ID" CITEXT NOT NULL,
    "Description" TEXT,
    "Active" BOOLEAN DEFAULT true NOT NULL,
    "OperationID" TEXT,
    "Path" TEXT,
    "ClientID" CITEXT,
    "Share" NUMERIC DEFAULT 1 NOT NULL,
    "Moment" TEXT,
    "Delay" INTEGER DEFAULT 0 NOT NULL,
    "Status" INTEGER,
    "ErrorCode" TEXT,
    "Message" TEXT,
    "RetryAfter" INTEGER,
    "Cut" BOOLEAN DEFAULT false NOT NULL,
    "Remaining" INTEGER,
    "Met" INTEGER DEFAULT 0 NOT NULL,
    "ExpirationDate" TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_faults PRIMARY KEY (marketplace_id, "ID"),
    CONSTRAINT fk_faults_marketplace FOREIGN KEY(marketplace_id) REFERENCES marketplaces (marketplace_id)
        ON DELETE CASCADE,
    CONSTRAINT fk_faults_clientid FOREIGN KEY(marketplace_id, "ClientID")
        REFERENCES api_clients (marketplace_id, "ID") ON DELETE CASCADE
);
CREATE INDEX ix_faults_clientid ON faults (marketplace_id, "ClientID");
CREATE INDEX ls_faults_search_id_ee720b ON faults USING gin (marketplace_id, lower(CAST("ID" AS TEXT)) gin_trgm_ops, lower("Description") gin_trgm_ops, lower("OperationID") gin_trgm_ops, lower("Path") gin_trgm_ops) WITH (gin_pending_list_limit = 64);
CREATE INDEX ls_faults_sort_expirationdate_3f6f4d ON faults USING btree (marketplace_id, "ExpirationDate" ASC NULLS FIRST, "ID" ASC);
CREATE INDEX ls_faults_sort_operationid_e4c995 ON faults USING btree (marketplace_id, lower("OperationID") ASC NULLS FIRST, "ID" ASC);
