ALTER TABLE logged_requests ADD COLUMN count INTEGER DEFAULT 1 NOT NULL;
ALTER TABLE logged_requests DROP CONSTRAINT pk_logged_requests;
DROP INDEX ix_logged_requests_created;
ALTER TABLE logged_requests ALTER COLUMN "ID" TYPE CITEXT;
ALTER TABLE logged_requests ADD CONSTRAINT pk_logged_requests PRIMARY KEY (marketplace_id, created_at, "ID");
