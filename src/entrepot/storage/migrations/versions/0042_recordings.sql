CREATE TABLE recordings (
    marketplace_id BIGINT NOT NULL,
    "ID" CITEXT NOT NULL,
    "Name" TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    requests INTEGER DEFAULT '0' NOT NULL,
    size BIGINT DEFAULT '0' NOT NULL,
    CONSTRAINT pk_recordings PRIMARY KEY (marketplace_id, "ID"),
    CONSTRAINT fk_recordings_marketplace FOREIGN KEY(marketplace_id) REFERENCES marketplaces (marketplace_id)
        ON DELETE CASCADE
);
CREATE UNIQUE INDEX ux_recordings_running ON recordings (marketplace_id) WHERE ended_at IS NULL;
CREATE TABLE recorded_requests (
    marketplace_id BIGINT NOT NULL,
    recording CITEXT NOT NULL,
    "ID" TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    entry TEXT NOT NULL,
    CONSTRAINT pk_recorded_requests PRIMARY KEY (marketplace_id, recording, created_at, "ID"),
    CONSTRAINT fk_recorded_requests_recording FOREIGN KEY(marketplace_id, recording)
        REFERENCES recordings (marketplace_id, "ID") ON DELETE CASCADE
);
