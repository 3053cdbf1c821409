-- Whether the address has to say yes first, since which version of the profile it is asked, and when it said yes to which
-- question. A running release asks nobody: what it writes counts at once, as it did.
ALTER TABLE consents
    ADD COLUMN asked_version bigint,
    ADD COLUMN confirmed_at timestamptz,
    ADD COLUMN confirmed_wording text;
