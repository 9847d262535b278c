"""The mailbox over the API: /entrepot/v1/mailbox."""
