-- Up to when each partition of customer.profiles has been read: nothing is sent on the strength of a consent that may
-- have been withdrawn in a record that nobody has read yet, for instance after an outage.
CREATE TABLE profiles_read (
    partition integer PRIMARY KEY,
    read_until timestamptz NOT NULL
);
