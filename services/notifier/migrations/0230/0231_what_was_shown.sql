-- Whose cart was shown in a preview, and to whom, by the name of the key. A running release writes it to its log alone.
CREATE TABLE preview_views (
    view_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    store_id text NOT NULL,
    cart_id uuid NOT NULL,
    viewed_by text NOT NULL,
    viewed_at timestamptz NOT NULL DEFAULT now()
) WITH (autovacuum_vacuum_scale_factor = 0.1);
CREATE INDEX preview_views_of_cart ON preview_views (store_id, cart_id);
