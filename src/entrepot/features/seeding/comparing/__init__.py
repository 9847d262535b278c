"""What differs between two marketplaces: files, marketplaces of this server, or those of another."""
