-- When a customer agreed last, so that it can lift an older unsubscription. Of a consent from before this it is not known,
-- and none is made up. A running release leaves them as they are.
ALTER TABLE profiles
    ADD COLUMN email_consent_at timestamptz,
    ADD COLUMN sms_consent_at timestamptz;
