"""Why? Answers of the server's own about what it decides: below /entrepot/v1/explain, for whoever holds FullAccess."""
