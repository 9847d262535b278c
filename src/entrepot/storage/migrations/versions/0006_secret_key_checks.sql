CREATE TABLE secret_key_checks (
    name TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    CONSTRAINT pk_secret_key_checks PRIMARY KEY (name)
);
COMMENT ON TABLE secret_key_checks IS 'one value that opens with the server''s secret key alone';
