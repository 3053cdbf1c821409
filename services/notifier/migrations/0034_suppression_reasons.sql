-- A row for each reason that closes a channel: what lifts one leaves the others, and a complaint is not forgotten because an
-- unsubscription came before it. A running release names no key when it writes.
-- squawk-ignore ban-drop-constraint
ALTER TABLE suppressions DROP CONSTRAINT suppressions_pkey;
ALTER TABLE suppressions ADD CONSTRAINT suppressions_pkey PRIMARY KEY USING INDEX suppressions_by_reason;
