-- The newest lease of a task. Its token is 0 before the first lease; its end is null before the
-- first lease and after a release.
ALTER TABLE tasks
    ADD COLUMN lease_owner text,
    ADD COLUMN lease_token bigint NOT NULL DEFAULT 0 CHECK (lease_token >= 0),
    ADD COLUMN lease_ends timestamptz;
