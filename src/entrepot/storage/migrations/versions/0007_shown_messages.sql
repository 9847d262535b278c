ALTER TABLE outbox_messages ALTER COLUMN body DROP NOT NULL;
UPDATE outbox_messages SET body = NULL WHERE shown_at IS NOT NULL;
