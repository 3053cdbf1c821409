-- Who was erased, as hashes. Copied word for word into a migration of the service (a test holds them equal).
-- The salt is made here, so that no secret has to be configured or may be rotated away under the hashes.
CREATE TABLE erasure_salt (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    salt text NOT NULL
);
INSERT INTO erasure_salt (salt) VALUES (gen_random_uuid()::text || gen_random_uuid()::text);

CREATE TABLE erased_customers (
    mark bytea PRIMARY KEY CHECK (octet_length(mark) = 32), -- SHA-256 of salt, store and customer
    erased_until timestamptz NOT NULL, -- what occurred up to then is theirs and must not come back
    profile_version bigint NOT NULL, -- and so are profiles up to this version
    noted_at timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION customer_mark(store_id text, customer_id text) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(convert_to(salt || chr(31) || store_id || chr(31) || customer_id, 'UTF8')) FROM erasure_salt
$$;
