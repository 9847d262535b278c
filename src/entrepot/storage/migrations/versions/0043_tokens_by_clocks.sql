ALTER TABLE virtual_clocks ADD COLUMN ahead INTERVAL DEFAULT '00:00:00' NOT NULL;
ALTER TABLE virtual_clocks ADD COLUMN ages BOOLEAN DEFAULT false NOT NULL;
UPDATE virtual_clocks SET ahead = moment - coalesce(since, now());
ALTER TABLE refresh_tokens ADD COLUMN ahead BIGINT DEFAULT '0' NOT NULL;
