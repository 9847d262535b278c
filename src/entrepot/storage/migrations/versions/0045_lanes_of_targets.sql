UPDATE deliveries
SET lane = substr(sha256(convert_to(lower(CAST(endpoint AS text)), 'UTF8') || '\x00'::bytea || convert_to(aggregate, 'UTF8')), 1, 16)
WHERE ended_at IS NULL;
