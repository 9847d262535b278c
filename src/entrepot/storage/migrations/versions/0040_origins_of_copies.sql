-- What a copy knows of where it comes from: the clients of a seed by what the file calls them, whether a snapshot was imported.
ALTER TABLE marketplace_copies ADD COLUMN origin json;
