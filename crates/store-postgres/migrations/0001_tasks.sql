CREATE TABLE tasks (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title text NOT NULL,
    description text NOT NULL,
    status text NOT NULL DEFAULT 'todo' CHECK (status IN ('todo', 'in_progress', 'done')),
    minutes bigint NOT NULL DEFAULT 0 CHECK (minutes BETWEEN 0 AND 4294967295),
    version bigint NOT NULL DEFAULT 1 CHECK (version > 0),
    -- What tells a retried create from a second task.
    idempotency_key text UNIQUE
);
