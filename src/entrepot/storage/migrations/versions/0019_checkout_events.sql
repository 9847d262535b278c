INSERT INTO outbox_events (marketplace_id, kind, aggregate, facts, request_id, told_at, lease, leased_until)
SELECT marketplace_id, 'CheckoutMove', 'checkout/' || order_key,
       json_build_object('order', order_key, 'delivery', "ID", 'kind', "Kind", 'caller', caller), '', now(), "ID", due_at
FROM checkout_events;
DROP TABLE checkout_events;
