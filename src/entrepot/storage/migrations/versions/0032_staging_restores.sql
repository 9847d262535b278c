CREATE TABLE portal_restores (
    marketplace_id BIGINT NOT NULL,
    source_id BIGINT NOT NULL,
    account_key BIGINT NOT NULL,
    "Weekly" BOOLEAN NOT NULL,
    "Status" TEXT DEFAULT 'Waiting' NOT NULL,
    "Step" TEXT,
    "DateDue" TIMESTAMP WITH TIME ZONE,
    "DateStarted" TIMESTAMP WITH TIME ZONE,
    "DateEnded" TIMESTAMP WITH TIME ZONE,
    "Failure" TEXT,
    tells_left INTEGER DEFAULT '0' NOT NULL,
    CONSTRAINT pk_portal_restores PRIMARY KEY (marketplace_id),
    CONSTRAINT ck_portal_restores_status CHECK ("Status" IN ('Waiting', 'Running', 'Completed', 'Failed')),
    CONSTRAINT ck_portal_restores_source CHECK (marketplace_id <> source_id),
    CONSTRAINT fk_portal_restores_organization FOREIGN KEY(marketplace_id) REFERENCES portal_organizations (marketplace_id) ON DELETE CASCADE,
    CONSTRAINT fk_portal_restores_source FOREIGN KEY(source_id) REFERENCES portal_organizations (marketplace_id) ON DELETE CASCADE,
    CONSTRAINT fk_portal_restores_account FOREIGN KEY(account_key) REFERENCES portal_accounts (key) ON DELETE CASCADE
);
CREATE INDEX ix_portal_restores_account ON portal_restores (account_key);
CREATE INDEX ix_portal_restores_due ON portal_restores ("DateDue");
CREATE INDEX ix_portal_restores_source ON portal_restores (source_id);
CREATE INDEX ix_portal_restores_untold ON portal_restores (marketplace_id) WHERE tells_left > 0;
