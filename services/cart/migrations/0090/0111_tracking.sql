-- Where a parcel is followed, as the shop told with what was shipped. A running release knows nothing of it.
ALTER TABLE order_events ADD COLUMN tracking_url text;
