-- no transaction
-- Whoever shares an address with somebody who orders: reminders of their carts go to the same person.
CREATE INDEX CONCURRENTLY profiles_email ON profiles (store_id, lower(email)) WHERE email IS NOT NULL;
