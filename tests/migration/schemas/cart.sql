CREATE FUNCTION public.handles_say(handles jsonb, consent boolean) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT coalesce(jsonb_object_agg(key, NOT consent OR coalesce((value ->> 'consent')::boolean, false)), '{}')
    FROM jsonb_each(handles)
$$;

CREATE FUNCTION public.stock_left(of_store text, of_sku text, for_carts uuid[]) RETURNS TABLE(sku text, available bigint, version bigint, updated_at timestamp with time zone)
    LANGUAGE sql STABLE ROWS 1
    AS $$
    SELECT level.sku, CASE WHEN level.backorder THEN NULL WHEN level.held_until > now() THEN greatest(level.available - (
            SELECT coalesce(sum(held.units), 0)::bigint FROM reservations AS held
            WHERE held.store_id = level.store_id AND held.sku = level.sku AND held.cart_id <> ALL (for_carts)
              AND held.expires_at > now() AND (held.ordered OR (
                SELECT whose.status = 'active' FROM carts AS whose WHERE whose.cart_id = held.cart_id))
        ), 0) ELSE level.available END, level.version, level.updated_at
    FROM inventory AS level WHERE level.store_id = of_store AND level.sku = of_sku OFFSET 0
$$;

CREATE FUNCTION public.told_price(of_store text, of_sku text, of_currency text, of_options jsonb) RETURNS TABLE(price bigint, version bigint, updated_at timestamp with time zone)
    LANGUAGE sql STABLE
    AS $$
    SELECT told.price, told.version, told.updated_at FROM (
        SELECT own.options, own.price, own.version, own.updated_at FROM option_prices AS own
        WHERE own.store_id = of_store AND own.sku = of_sku AND own.currency = of_currency
          AND of_options @> own.options
        UNION ALL
        SELECT '{}', plain.price, plain.version, plain.updated_at FROM prices AS plain
        WHERE plain.store_id = of_store AND plain.sku = of_sku AND plain.currency = of_currency
    ) AS told ORDER BY told.options DESC LIMIT 1
$$;

CREATE TABLE public.api_keys (
    key_id text NOT NULL,
    store_id text,
    kind text NOT NULL,
    name text NOT NULL,
    scopes text[] NOT NULL,
    origins text[] NOT NULL,
    hash bytea NOT NULL,
    previous_hash bytea,
    previous_until timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    rotated_at timestamp with time zone,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    used_at timestamp with time zone,
    previous_used_at timestamp with time zone,
    CONSTRAINT api_keys_check CHECK (((previous_hash IS NULL) = (previous_until IS NULL))),
    CONSTRAINT api_keys_check1 CHECK (((kind = 'secret'::text) OR ((store_id IS NOT NULL) AND (scopes = '{}'::text[])))),
    CONSTRAINT api_keys_check2 CHECK (((kind = 'publishable'::text) OR (origins = '{}'::text[]))),
    CONSTRAINT api_keys_hash_check CHECK ((octet_length(hash) = 32)),
    CONSTRAINT api_keys_key_id_check CHECK ((key_id ~ '^[0-9a-f]{16}$'::text)),
    CONSTRAINT api_keys_kind_check CHECK ((kind = ANY (ARRAY['publishable'::text, 'secret'::text]))),
    CONSTRAINT api_keys_name_check CHECK ((name <> ''::text)),
    CONSTRAINT api_keys_previous_hash_check CHECK ((octet_length(previous_hash) = 32))
);

CREATE TABLE public.audit_log (
    audit_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    store_id text,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    request_id text,
    CONSTRAINT audit_log_action_check CHECK ((action ~ '^[a-z_]+\.[a-z_]+$'::text))
)
WITH (autovacuum_vacuum_scale_factor='0.1');

CREATE TABLE public.carts (
    cart_id uuid NOT NULL,
    store_id text NOT NULL,
    customer_id text,
    guest_token_hash bytea,
    status text NOT NULL,
    version bigint NOT NULL,
    currency text,
    units integer NOT NULL,
    total bigint NOT NULL,
    lines jsonb NOT NULL,
    recovery_epoch integer DEFAULT 0 NOT NULL,
    merged_into uuid,
    order_id text,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    saved jsonb DEFAULT '[]'::jsonb NOT NULL,
    attributes jsonb DEFAULT '{}'::jsonb NOT NULL,
    share_epoch integer DEFAULT 0 NOT NULL,
    goods_version bigint,
    silent_since timestamp with time zone,
    recipient_id text,
    checkout_version bigint,
    CONSTRAINT carts_check CHECK ((num_nonnulls(customer_id, guest_token_hash) = 1)),
    CONSTRAINT carts_check1 CHECK (((units = 0) = (jsonb_array_length(lines) = 0))),
    CONSTRAINT carts_check3 CHECK (((status = 'merged'::text) = (merged_into IS NOT NULL))),
    CONSTRAINT carts_check4 CHECK (((status = 'ordered'::text) = (order_id IS NOT NULL))),
    CONSTRAINT carts_status_check CHECK ((status = ANY (ARRAY['active'::text, 'ordered'::text, 'merged'::text, 'expired'::text]))),
    CONSTRAINT carts_total_check CHECK ((total >= 0)),
    CONSTRAINT carts_units_check CHECK ((units >= 0))
)
WITH (fillfactor='70', autovacuum_vacuum_scale_factor='0.05', autovacuum_vacuum_insert_scale_factor='0.2');

CREATE TABLE public.consents (
    store_id text NOT NULL,
    customer_id text NOT NULL,
    channel text NOT NULL,
    wording text NOT NULL,
    page text,
    agreed_at timestamp with time zone NOT NULL,
    asked_version bigint,
    confirmed_at timestamp with time zone,
    confirmed_wording text
)
WITH (autovacuum_vacuum_scale_factor='0.1');

CREATE TABLE public.erasure_places (
    erasure_id uuid NOT NULL,
    service text NOT NULL,
    place text NOT NULL,
    done text NOT NULL,
    rows bigint,
    at timestamp with time zone NOT NULL,
    gone_by timestamp with time zone,
    CONSTRAINT erasure_places_done_check CHECK ((done = ANY (ARRAY['deleted'::text, 'anonymised'::text, 'hashed'::text, 'tombstoned'::text, 'expires'::text]))),
    CONSTRAINT erasure_places_place_check CHECK ((place <> ''::text)),
    CONSTRAINT erasure_places_rows_check CHECK ((rows >= 0)),
    CONSTRAINT erasure_places_service_check CHECK ((service <> ''::text))
);

CREATE TABLE public.erasures (
    erasure_id uuid NOT NULL,
    store_id text NOT NULL,
    marks text[] NOT NULL,
    customer_ids text[],
    profile_version bigint NOT NULL,
    erased_until timestamp with time zone NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    swept_at timestamp with time zone,
    done_at timestamp with time zone,
    CONSTRAINT erasures_check CHECK (((customer_ids IS NULL) = (done_at IS NOT NULL)))
);

CREATE TABLE public.feed_progress (
    topic text NOT NULL,
    partition integer NOT NULL,
    taken bigint NOT NULL,
    written_at timestamp with time zone NOT NULL,
    CONSTRAINT feed_progress_partition_check CHECK ((partition >= 0)),
    CONSTRAINT feed_progress_taken_check CHECK ((taken >= 0))
)
WITH (fillfactor='50');

CREATE TABLE public.guest_recipients (
    recipient_id text NOT NULL,
    store_id text NOT NULL,
    cart_id uuid NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.idempotency_keys (
    store_id text NOT NULL,
    caller text NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    status smallint NOT NULL,
    etag text,
    answer bytea DEFAULT '\x'::bytea NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    about text,
    once bytea
)
WITH (autovacuum_vacuum_scale_factor='0.02', autovacuum_vacuum_insert_scale_factor='0.5');

CREATE TABLE public.identities (
    store_id text NOT NULL,
    identity text NOT NULL,
    customer_id text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT identities_check CHECK ((identity <> customer_id)),
    CONSTRAINT identities_customer_id_check CHECK ((customer_id <> ''::text)),
    CONSTRAINT identities_identity_check CHECK ((identity <> ''::text))
)
WITH (autovacuum_vacuum_scale_factor='0.1');

CREATE TABLE public.inventory (
    store_id text NOT NULL,
    sku text NOT NULL,
    available bigint NOT NULL,
    version bigint NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    located bigint DEFAULT 0 NOT NULL,
    sequence bigint,
    low boolean,
    threshold bigint,
    category text,
    held_until timestamp with time zone,
    backorder boolean,
    CONSTRAINT inventory_available_check CHECK ((available >= 0)),
    CONSTRAINT inventory_category_check CHECK ((category <> ''::text)),
    CONSTRAINT inventory_located_check CHECK ((located >= 0)),
    CONSTRAINT inventory_sequence_check CHECK ((sequence >= 0)),
    CONSTRAINT inventory_threshold_check CHECK ((threshold >= 0)),
    CONSTRAINT inventory_version_check CHECK ((version >= 1))
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.inventory_locations (
    store_id text NOT NULL,
    sku text NOT NULL,
    location text NOT NULL,
    available bigint NOT NULL,
    version bigint NOT NULL,
    sequence bigint,
    low boolean NOT NULL,
    threshold bigint,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT inventory_locations_available_check CHECK ((available >= 0)),
    CONSTRAINT inventory_locations_location_check CHECK ((location <> ''::text)),
    CONSTRAINT inventory_locations_sequence_check CHECK ((sequence >= 0)),
    CONSTRAINT inventory_locations_threshold_check CHECK ((threshold >= 0)),
    CONSTRAINT inventory_locations_version_check CHECK ((version >= 1))
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.merges (
    merge_id uuid NOT NULL,
    cart_id uuid NOT NULL,
    guest_token_hash bytea,
    receipt jsonb NOT NULL,
    undoing jsonb,
    undo_until timestamp with time zone NOT NULL,
    undone_at timestamp with time zone,
    CONSTRAINT merges_guest_token_hash_check CHECK ((octet_length(guest_token_hash) = 32))
)
WITH (autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.notice_acks (
    cart_id uuid NOT NULL,
    device text NOT NULL,
    notice_id uuid NOT NULL,
    acknowledged_at timestamp with time zone NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.option_prices (
    store_id text NOT NULL,
    sku text NOT NULL,
    currency text NOT NULL,
    options jsonb NOT NULL,
    price bigint NOT NULL,
    version bigint NOT NULL,
    sequence bigint,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT option_prices_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT option_prices_options_check CHECK (((jsonb_typeof(options) = 'object'::text) AND (options <> '{}'::jsonb))),
    CONSTRAINT option_prices_price_check CHECK ((price >= 0)),
    CONSTRAINT option_prices_sequence_check CHECK ((sequence >= 0)),
    CONSTRAINT option_prices_version_check CHECK ((version >= 1))
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.order_events (
    store_id text NOT NULL,
    order_id text NOT NULL,
    type text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    sequence bigint NOT NULL,
    units jsonb NOT NULL,
    mismatch text,
    received_at timestamp with time zone NOT NULL,
    told_at timestamp with time zone,
    reopen boolean DEFAULT false NOT NULL,
    attempt integer DEFAULT 0 NOT NULL,
    tracking_url text,
    CONSTRAINT order_events_attempt_check CHECK ((attempt >= 0)),
    CONSTRAINT order_events_mismatch_check CHECK ((mismatch = ANY (ARRAY['status'::text, 'quantity'::text]))),
    CONSTRAINT order_events_sequence_check CHECK ((sequence >= 0)),
    CONSTRAINT order_events_type_check CHECK ((type = ANY (ARRAY['cancelled'::text, 'payment_failed'::text, 'returned'::text, 'shipped'::text, 'delivered'::text]))),
    CONSTRAINT order_events_units_check CHECK ((jsonb_typeof(units) = 'object'::text))
)
WITH (autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.orders (
    store_id text NOT NULL,
    order_id text NOT NULL,
    fingerprint bytea NOT NULL,
    customer_id text,
    currency text,
    total bigint,
    closed_carts uuid[] NOT NULL,
    placed_at timestamp with time zone NOT NULL,
    next_carts uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    mismatches json DEFAULT '[]'::json NOT NULL,
    cart_id uuid,
    units jsonb DEFAULT '{}'::jsonb NOT NULL,
    awaited jsonb DEFAULT '{}'::jsonb NOT NULL,
    also bytea[] DEFAULT '{}'::bytea[] NOT NULL,
    given_back jsonb DEFAULT '{}'::jsonb NOT NULL,
    attempt integer DEFAULT 0 NOT NULL,
    reopened uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    earlier_carts uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    channel text,
    prices jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT orders_attempt_check CHECK ((attempt >= 0)),
    CONSTRAINT orders_awaited_check CHECK ((jsonb_typeof(awaited) = 'object'::text)),
    CONSTRAINT orders_fingerprint_check CHECK ((octet_length(fingerprint) = 32)),
    CONSTRAINT orders_given_back_check CHECK ((jsonb_typeof(given_back) = 'object'::text)),
    CONSTRAINT orders_mismatches_check CHECK ((json_typeof(mismatches) = 'array'::text)),
    CONSTRAINT orders_total_check CHECK ((total >= 0)),
    CONSTRAINT orders_units_check CHECK ((jsonb_typeof(units) = 'object'::text))
)
WITH (autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.outbox (
    id bigint NOT NULL,
    topic text NOT NULL,
    key text NOT NULL,
    value bytea,
    headers text NOT NULL,
    occurred_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT outbox_key_check CHECK ((key <> ''::text)),
    CONSTRAINT outbox_topic_check CHECK ((topic <> ''::text))
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='5000', autovacuum_vacuum_insert_scale_factor='0.5', autovacuum_analyze_scale_factor='0', autovacuum_analyze_threshold='50000');

ALTER TABLE public.outbox ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.price_versions (
    store_id text NOT NULL,
    sku text NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT price_versions_version_check CHECK ((version >= 1))
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.prices (
    store_id text NOT NULL,
    sku text NOT NULL,
    currency text NOT NULL,
    price bigint NOT NULL,
    version bigint NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    sequence bigint,
    CONSTRAINT prices_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT prices_price_check CHECK ((price >= 0)),
    CONSTRAINT prices_sequence_check CHECK ((sequence >= 0)),
    CONSTRAINT prices_version_check CHECK ((version >= 1))
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.05');

CREATE SEQUENCE public.profile_versions
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE public.profiles (
    store_id text NOT NULL,
    customer_id text NOT NULL,
    version bigint NOT NULL,
    email text,
    phone text,
    name text,
    locale text NOT NULL,
    timezone text,
    email_consent boolean NOT NULL,
    sms_consent boolean NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    email_consent_at timestamp with time zone,
    sms_consent_at timestamp with time zone,
    handles jsonb DEFAULT '{}'::jsonb NOT NULL,
    country text,
    region text,
    CONSTRAINT profiles_phone_check CHECK ((phone ~ '^\+[1-9][0-9]{6,14}$'::text))
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.1');

CREATE UNLOGGED TABLE public.rate_levels (
    caller bytea NOT NULL,
    due timestamp with time zone NOT NULL,
    cost bigint NOT NULL,
    CONSTRAINT rate_levels_caller_check CHECK ((octet_length(caller) = 16)),
    CONSTRAINT rate_levels_cost_check CHECK ((cost >= 0))
)
WITH (fillfactor='50', autovacuum_vacuum_threshold='200', autovacuum_vacuum_scale_factor='0.1');

CREATE TABLE public.reservations (
    store_id text NOT NULL,
    sku text NOT NULL,
    cart_id uuid NOT NULL,
    units bigint NOT NULL,
    ordered boolean DEFAULT false NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT reservations_units_check CHECK ((units >= 0))
)
WITH (fillfactor='70', autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='1000');

CREATE TABLE public.store_descriptions (
    store_id text NOT NULL,
    version bigint NOT NULL,
    description jsonb,
    CONSTRAINT store_descriptions_description_check CHECK ((jsonb_typeof(description) = 'object'::text)),
    CONSTRAINT store_descriptions_store_id_check CHECK ((store_id <> ''::text)),
    CONSTRAINT store_descriptions_version_check CHECK ((version > 0))
);

CREATE SEQUENCE public.store_versions
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE public.stores (
    store_id text NOT NULL,
    version bigint NOT NULL,
    settings json NOT NULL,
    sealed bytea,
    updated_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    CONSTRAINT stores_check CHECK (((sealed IS NULL) = (closed_at IS NOT NULL))),
    CONSTRAINT stores_settings_check CHECK ((json_typeof(settings) = 'object'::text)),
    CONSTRAINT stores_store_id_check CHECK ((store_id <> ''::text))
);

CREATE TABLE public.views (
    store_id text NOT NULL,
    customer_id text NOT NULL,
    sku text NOT NULL,
    title text,
    url text,
    image_url text,
    viewed_at timestamp with time zone NOT NULL
)
WITH (fillfactor='90', autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.watches (
    watch_id uuid NOT NULL,
    store_id text NOT NULL,
    customer_id text NOT NULL,
    sku text NOT NULL,
    options jsonb DEFAULT '{}'::jsonb NOT NULL,
    version bigint NOT NULL,
    set_at timestamp with time zone NOT NULL,
    token_hash bytea,
    taken_from text,
    title text,
    url text,
    image_url text,
    CONSTRAINT watches_options_check CHECK ((jsonb_typeof(options) = 'object'::text)),
    CONSTRAINT watches_version_check CHECK ((version > 0))
)
WITH (fillfactor='90', autovacuum_vacuum_scale_factor='0.05');

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_hash_key UNIQUE (hash);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (key_id);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_previous_hash_key UNIQUE (previous_hash);

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (audit_id);

ALTER TABLE ONLY public.carts
    ADD CONSTRAINT carts_pkey PRIMARY KEY (cart_id);

ALTER TABLE ONLY public.consents
    ADD CONSTRAINT consents_pkey PRIMARY KEY (store_id, customer_id, channel);

ALTER TABLE ONLY public.erasure_places
    ADD CONSTRAINT erasure_places_pkey PRIMARY KEY (erasure_id, service, place);

ALTER TABLE ONLY public.erasures
    ADD CONSTRAINT erasures_pkey PRIMARY KEY (erasure_id);

ALTER TABLE ONLY public.feed_progress
    ADD CONSTRAINT feed_progress_pkey PRIMARY KEY (topic, partition);

ALTER TABLE ONLY public.guest_recipients
    ADD CONSTRAINT guest_recipients_pkey PRIMARY KEY (recipient_id);

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (store_id, caller, key);

ALTER TABLE ONLY public.identities
    ADD CONSTRAINT identities_pkey PRIMARY KEY (store_id, identity);

ALTER TABLE ONLY public.inventory_locations
    ADD CONSTRAINT inventory_locations_pkey PRIMARY KEY (store_id, sku, location);

ALTER TABLE ONLY public.inventory
    ADD CONSTRAINT inventory_pkey PRIMARY KEY (store_id, sku);

ALTER TABLE ONLY public.merges
    ADD CONSTRAINT merges_pkey PRIMARY KEY (merge_id);

ALTER TABLE ONLY public.notice_acks
    ADD CONSTRAINT notice_acks_pkey PRIMARY KEY (cart_id, device, notice_id);

ALTER TABLE ONLY public.option_prices
    ADD CONSTRAINT option_prices_pkey PRIMARY KEY (store_id, sku, currency, options);

ALTER TABLE ONLY public.order_events
    ADD CONSTRAINT order_events_pkey PRIMARY KEY (store_id, order_id, occurred_at, type, sequence);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (store_id, order_id);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.price_versions
    ADD CONSTRAINT price_versions_pkey PRIMARY KEY (store_id, sku);

ALTER TABLE ONLY public.prices
    ADD CONSTRAINT prices_pkey PRIMARY KEY (store_id, sku, currency);

ALTER TABLE ONLY public.profiles
    ADD CONSTRAINT profiles_pkey PRIMARY KEY (store_id, customer_id);

ALTER TABLE ONLY public.rate_levels
    ADD CONSTRAINT rate_levels_pkey PRIMARY KEY (caller);

ALTER TABLE ONLY public.reservations
    ADD CONSTRAINT reservations_pkey PRIMARY KEY (store_id, sku, cart_id);

ALTER TABLE ONLY public.store_descriptions
    ADD CONSTRAINT store_descriptions_pkey PRIMARY KEY (store_id);

ALTER TABLE ONLY public.stores
    ADD CONSTRAINT stores_pkey PRIMARY KEY (store_id);

ALTER TABLE ONLY public.stores
    ADD CONSTRAINT stores_version_key UNIQUE (version);

ALTER TABLE ONLY public.views
    ADD CONSTRAINT views_pkey PRIMARY KEY (store_id, customer_id, sku);

ALTER TABLE ONLY public.watches
    ADD CONSTRAINT watches_pkey PRIMARY KEY (watch_id);

ALTER TABLE ONLY public.watches
    ADD CONSTRAINT watches_store_id_customer_id_sku_options_key UNIQUE (store_id, customer_id, sku, options);

CREATE UNIQUE INDEX api_keys_names ON public.api_keys USING btree (COALESCE(store_id, ''::text), name) WHERE (revoked_at IS NULL);

CREATE INDEX audit_log_of_store ON public.audit_log USING btree (store_id, audit_id);

CREATE INDEX carts_active ON public.carts USING btree (store_id, cart_id) WHERE (status = 'active'::text);

CREATE UNIQUE INDEX carts_active_customer ON public.carts USING btree (store_id, customer_id) WHERE ((status = 'active'::text) AND (customer_id IS NOT NULL));

CREATE UNIQUE INDEX carts_active_guest ON public.carts USING btree (store_id, guest_token_hash) WHERE ((status = 'active'::text) AND (guest_token_hash IS NOT NULL));

CREATE INDEX carts_of_customer ON public.carts USING btree (store_id, customer_id, cart_id DESC) WHERE (customer_id IS NOT NULL);

CREATE INDEX erasures_of_customer ON public.erasures USING gin (marks);

CREATE INDEX erasures_old ON public.erasures USING btree (store_id, requested_at);

CREATE INDEX erasures_pending ON public.erasures USING btree (asked_at) WHERE (done_at IS NULL);

CREATE INDEX idempotency_keys_about ON public.idempotency_keys USING btree (store_id, about) WHERE (about IS NOT NULL);

CREATE INDEX idempotency_keys_expiry ON public.idempotency_keys USING btree (expires_at);

CREATE INDEX identities_of_customer ON public.identities USING btree (store_id, customer_id);

CREATE INDEX merges_of_cart ON public.merges USING btree (cart_id, merge_id DESC);

CREATE INDEX merges_of_guest ON public.merges USING btree (guest_token_hash, merge_id DESC) WHERE ((guest_token_hash IS NOT NULL) AND (undoing IS NOT NULL));

CREATE INDEX merges_to_forget ON public.merges USING btree (undo_until) WHERE (undoing IS NOT NULL);

CREATE INDEX order_events_waiting ON public.order_events USING btree (received_at) WHERE (told_at IS NULL);

CREATE INDEX orders_awaiting ON public.orders USING btree (store_id, customer_id, placed_at) WHERE ((awaited <> '{}'::jsonb) AND (customer_id IS NOT NULL));

CREATE INDEX orders_of_customer ON public.orders USING btree (store_id, customer_id) WHERE (customer_id IS NOT NULL);

CREATE INDEX orders_old ON public.orders USING brin (placed_at);

CREATE INDEX profiles_email ON public.profiles USING btree (store_id, lower(email)) WHERE (email IS NOT NULL);

CREATE INDEX profiles_handles ON public.profiles USING gin (handles jsonb_path_ops) WHERE (handles <> '{}'::jsonb);

CREATE INDEX profiles_phone ON public.profiles USING btree (store_id, phone) WHERE (phone IS NOT NULL);

CREATE INDEX reservations_of_cart ON public.reservations USING btree (cart_id);

CREATE INDEX reservations_to_forget ON public.reservations USING btree (expires_at);

CREATE INDEX views_viewed ON public.views USING btree (viewed_at);

CREATE INDEX watches_of_guest ON public.watches USING btree (store_id, token_hash) WHERE (token_hash IS NOT NULL);

CREATE INDEX watches_set ON public.watches USING btree (set_at);

CREATE INDEX watches_taken_from ON public.watches USING btree (store_id, taken_from) WHERE (taken_from IS NOT NULL);

ALTER TABLE ONLY public.erasure_places
    ADD CONSTRAINT erasure_places_erasure_id_fkey FOREIGN KEY (erasure_id) REFERENCES public.erasures(erasure_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.merges
    ADD CONSTRAINT merges_cart_id_fkey FOREIGN KEY (cart_id) REFERENCES public.carts(cart_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.notice_acks
    ADD CONSTRAINT notice_acks_cart_id_fkey FOREIGN KEY (cart_id) REFERENCES public.carts(cart_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.reservations
    ADD CONSTRAINT reservations_cart_id_fkey FOREIGN KEY (cart_id) REFERENCES public.carts(cart_id) ON DELETE CASCADE;
