CREATE TABLE catchers (
    marketplace_id BIGINT NOT NULL,
    "ID" CITEXT NOT NULL,
    "Name" TEXT,
    "Status" INTEGER DEFAULT 200 NOT NULL,
    "Body" TEXT,
    "DelayMilliseconds" INTEGER DEFAULT 0 NOT NULL,
    "DateCreated" TIMESTAMP WITH TIME ZONE,
    address TEXT NOT NULL,
    CONSTRAINT pk_catchers PRIMARY KEY (marketplace_id, "ID"),
    CONSTRAINT fk_catchers_marketplace FOREIGN KEY(marketplace_id) REFERENCES marketplaces (marketplace_id) ON DELETE CASCADE
);
CREATE TABLE caught_requests (
    marketplace_id BIGINT NOT NULL,
    "CatcherID" CITEXT NOT NULL,
    "ID" CITEXT NOT NULL,
    "DateCreated" TIMESTAMP WITH TIME ZONE NOT NULL,
    "Method" TEXT NOT NULL,
    "Path" TEXT NOT NULL,
    "ContentType" TEXT,
    "Size" INTEGER DEFAULT 0 NOT NULL,
    "Answered" INTEGER DEFAULT 0 NOT NULL,
    content BYTEA NOT NULL,
    CONSTRAINT pk_caught_requests PRIMARY KEY (marketplace_id, "CatcherID", "ID"),
    CONSTRAINT fk_caught_requests_marketplace FOREIGN KEY(marketplace_id) REFERENCES marketplaces (marketplace_id)
        ON DELETE CASCADE,
    CONSTRAINT fk_caught_requests_catcherid FOREIGN KEY(marketplace_id, "CatcherID") REFERENCES catchers (marketplace_id, "ID")
        ON DELETE CASCADE
);
CREATE INDEX ls_caught_requests_sort_datecreated_5d0868 ON caught_requests USING btree
    (marketplace_id, "CatcherID", "DateCreated" ASC, "ID" ASC);
CREATE INDEX ix_caught_requests_catcherid ON caught_requests (marketplace_id, "CatcherID");
