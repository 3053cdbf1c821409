-- Who works with the console, their log-ins, and what they did. Tokens and attempts stand here as hashes alone.
CREATE TABLE people (
    person_id uuid PRIMARY KEY,
    email text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    stores text[] NOT NULL,
    password_hash text, -- null: logs in at the identity provider
    locale text,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX people_by_email ON people (email);

CREATE TABLE invitations (
    token_hash bytea PRIMARY KEY,
    email text NOT NULL,
    role text NOT NULL,
    stores text[] NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE TABLE sessions (
    token_hash bytea PRIMARY KEY,
    person_id uuid NOT NULL,
    begun_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX sessions_by_person ON sessions (person_id);

CREATE TABLE log_in_attempts (
    subject bytea PRIMARY KEY, -- the hash of an e-mail address or of a caller's
    failures int NOT NULL,
    since timestamptz NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.05);

CREATE TABLE provider_log_ins (
    state_hash bytea PRIMARY KEY,
    nonce text NOT NULL,
    verifier text NOT NULL,
    begun_at timestamptz NOT NULL
);

-- who did or looked at what; customers stand here by id, and not after their erasure
CREATE TABLE audit (
    audit_id uuid PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    store_id text NOT NULL,
    person_id uuid,
    person text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    detail text NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX audit_by_store ON audit (store_id, audit_id DESC);
CREATE INDEX audit_by_subject ON audit (store_id, subject, audit_id DESC);
