-- Addresses are people: whom a message was for as a salted hash (address_subject), known once it is being sent, so that
-- caps hold for an address whichever customers have it. A running release writes neither column: its messages count for
-- their customers, as they did.
ALTER TABLE deliveries
    ADD COLUMN recipient text,
    ADD COLUMN quiet_since timestamptz;
