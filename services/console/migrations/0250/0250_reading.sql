-- How far the console has read, by partition, as the process says that reads it.
CREATE TABLE reading (
    topic text NOT NULL,
    partition integer NOT NULL,
    unread bigint NOT NULL, -- records that stood there and were not handled
    newest_at timestamptz, -- when the newest one that was handled was made; NULL: none since it is noted
    measured_at timestamptz NOT NULL,
    PRIMARY KEY (topic, partition)
);
