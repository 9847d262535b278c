CREATE TABLE virtual_clocks (
    marketplace_id BIGINT NOT NULL,
    moment TIMESTAMP WITH TIME ZONE NOT NULL,
    since TIMESTAMP WITH TIME ZONE,
    advancing_until TIMESTAMP WITH TIME ZONE,
    CONSTRAINT pk_virtual_clocks PRIMARY KEY (marketplace_id),
    CONSTRAINT fk_virtual_clocks_marketplace FOREIGN KEY(marketplace_id) REFERENCES marketplaces (marketplace_id)
        ON DELETE CASCADE
);
