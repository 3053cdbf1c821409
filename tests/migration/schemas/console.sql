CREATE FUNCTION public.customer_mark(store_id text, customer_id text) RETURNS bytea
    LANGUAGE sql STABLE
    AS $$
    SELECT sha256(convert_to(salt || chr(31) || store_id || chr(31) || customer_id, 'UTF8')) FROM erasure_salt
$$;

CREATE TABLE public.audit (
    audit_id uuid NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    store_id text NOT NULL,
    person_id uuid,
    person text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    detail text NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.carts (
    cart_id uuid NOT NULL,
    store_id text NOT NULL,
    customer_id text,
    version bigint NOT NULL,
    goods_version bigint NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    units integer NOT NULL,
    total bigint NOT NULL,
    currency text,
    closed_by text,
    into_cart_id uuid
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.counting_rules (
    store_id text NOT NULL,
    version bigint NOT NULL,
    document jsonb NOT NULL,
    made_by text NOT NULL,
    made_at timestamp with time zone NOT NULL,
    CONSTRAINT counting_rules_version_check CHECK ((version > 0))
);

CREATE TABLE public.credit_sums (
    store_id text NOT NULL,
    day date NOT NULL,
    campaign text NOT NULL,
    campaign_version text NOT NULL,
    step integer NOT NULL,
    channel text NOT NULL,
    arm text NOT NULL,
    currency text NOT NULL,
    orders bigint NOT NULL,
    net bigint NOT NULL,
    in_store bigint
)
WITH (autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.erased_customers (
    mark bytea NOT NULL,
    erased_until timestamp with time zone NOT NULL,
    profile_version bigint NOT NULL,
    noted_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT erased_customers_mark_check CHECK ((octet_length(mark) = 32))
);

CREATE TABLE public.erasure_salt (
    single boolean DEFAULT true NOT NULL,
    salt text NOT NULL,
    CONSTRAINT erasure_salt_single_check CHECK (single)
);

CREATE TABLE public.faults (
    kind text NOT NULL,
    store_id text NOT NULL,
    about text NOT NULL,
    value double precision NOT NULL,
    expected double precision NOT NULL,
    since timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    told boolean DEFAULT false NOT NULL
);

CREATE TABLE public.invitations (
    token_hash bytea NOT NULL,
    email text NOT NULL,
    role text NOT NULL,
    stores text[] NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

CREATE TABLE public.log_in_attempts (
    subject bytea NOT NULL,
    failures integer NOT NULL,
    since timestamp with time zone NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.message_prices (
    store_id text NOT NULL,
    channel text NOT NULL,
    price numeric(12,6) NOT NULL
);

CREATE TABLE public.order_events (
    event_id uuid NOT NULL,
    store_id text NOT NULL,
    order_id text NOT NULL,
    what text NOT NULL,
    told_at timestamp with time zone NOT NULL,
    happened_at timestamp with time zone NOT NULL,
    status text NOT NULL,
    customer_id text,
    cart_id uuid,
    currency text,
    total bigint,
    channel text,
    placed_at timestamp with time zone
)
WITH (autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.order_sums (
    store_id text NOT NULL,
    day date NOT NULL,
    campaign text NOT NULL,
    campaign_version text NOT NULL,
    step integer NOT NULL,
    channel text NOT NULL,
    arm text NOT NULL,
    currency text NOT NULL,
    orders bigint NOT NULL,
    gone bigint NOT NULL,
    gross bigint NOT NULL,
    net bigint NOT NULL,
    in_store bigint
)
WITH (autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.orders (
    store_id text NOT NULL,
    order_id text NOT NULL,
    customer_id text,
    cart_id uuid,
    channel text,
    placed_at timestamp with time zone NOT NULL,
    currency text,
    gross bigint,
    net bigint,
    status text NOT NULL,
    credited_to uuid,
    in_store bigint
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.05');

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

CREATE TABLE public.people (
    person_id uuid NOT NULL,
    email text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    stores text[] NOT NULL,
    password_hash text,
    locale text,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.people_sums (
    store_id text NOT NULL,
    day date NOT NULL,
    campaign text NOT NULL,
    arm text NOT NULL,
    spent bigint NOT NULL,
    people bigint NOT NULL,
    ordered bigint NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.provider_log_ins (
    state_hash bytea NOT NULL,
    nonce text NOT NULL,
    verifier text NOT NULL,
    begun_at timestamp with time zone NOT NULL
);

CREATE TABLE public.reading (
    topic text NOT NULL,
    partition integer NOT NULL,
    unread bigint NOT NULL,
    newest_at timestamp with time zone,
    measured_at timestamp with time zone NOT NULL
);

CREATE TABLE public.reason_sums (
    store_id text NOT NULL,
    day date NOT NULL,
    campaign text NOT NULL,
    campaign_version text NOT NULL,
    step integer NOT NULL,
    channel text NOT NULL,
    arm text NOT NULL,
    stage text NOT NULL,
    reason text NOT NULL,
    number bigint NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.sessions (
    token_hash bytea NOT NULL,
    person_id uuid NOT NULL,
    begun_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.stale_days (
    id bigint NOT NULL,
    store_id text NOT NULL,
    day date NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.05', autovacuum_vacuum_threshold='500');

ALTER TABLE public.stale_days ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.stale_days_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.stock_levels (
    store_id text NOT NULL,
    sku text NOT NULL,
    location text NOT NULL,
    level_version bigint NOT NULL,
    available integer NOT NULL,
    threshold integer NOT NULL,
    low boolean NOT NULL,
    since timestamp with time zone NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.stores (
    store_id text NOT NULL,
    version bigint NOT NULL,
    name text NOT NULL,
    locale text NOT NULL,
    time_zone text NOT NULL,
    currency text,
    closed_at timestamp with time zone
);

CREATE TABLE public.template_drafts (
    person_id uuid NOT NULL,
    store_id text NOT NULL,
    name text NOT NULL,
    said jsonb NOT NULL,
    base jsonb NOT NULL,
    etag text NOT NULL,
    saved_at timestamp with time zone NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.touch_sums (
    store_id text NOT NULL,
    day date NOT NULL,
    campaign text NOT NULL,
    kind text NOT NULL,
    campaign_version text NOT NULL,
    step integer NOT NULL,
    step_name text NOT NULL,
    channel text NOT NULL,
    arm text NOT NULL,
    decided bigint NOT NULL,
    held_out bigint NOT NULL,
    asked bigint NOT NULL,
    waiting bigint NOT NULL,
    sent bigint NOT NULL,
    delivered bigint NOT NULL,
    bounced bigint NOT NULL,
    complained bigint NOT NULL,
    opened bigint NOT NULL,
    clicked bigint NOT NULL,
    suspected bigint NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.touches (
    reminder_id uuid NOT NULL,
    store_id text NOT NULL,
    customer_id text NOT NULL,
    campaign text NOT NULL,
    kind text NOT NULL,
    step integer NOT NULL,
    channel text NOT NULL,
    cart_id uuid,
    order_id text,
    sku text,
    decided_at timestamp with time zone,
    due_at timestamp with time zone,
    campaign_version text,
    step_name text,
    arm text,
    outcome text,
    reason text,
    cart_version integer,
    total bigint,
    currency text,
    told_at timestamp with time zone,
    variant text,
    ended text,
    ended_at timestamp with time zone,
    ended_reason text,
    delivered_at timestamp with time zone,
    bounced_at timestamp with time zone,
    complained_at timestamp with time zone,
    opened_at timestamp with time zone,
    clicked_at timestamp with time zone,
    suspected boolean,
    happened_at timestamp with time zone NOT NULL,
    provider text
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.05');

ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (audit_id);

ALTER TABLE ONLY public.carts
    ADD CONSTRAINT carts_pkey PRIMARY KEY (cart_id);

ALTER TABLE ONLY public.counting_rules
    ADD CONSTRAINT counting_rules_pkey PRIMARY KEY (store_id);

ALTER TABLE ONLY public.credit_sums
    ADD CONSTRAINT credit_sums_pkey PRIMARY KEY (store_id, day, campaign, campaign_version, step, channel, arm, currency);

ALTER TABLE ONLY public.erased_customers
    ADD CONSTRAINT erased_customers_pkey PRIMARY KEY (mark);

ALTER TABLE ONLY public.erasure_salt
    ADD CONSTRAINT erasure_salt_pkey PRIMARY KEY (single);

ALTER TABLE ONLY public.faults
    ADD CONSTRAINT faults_pkey PRIMARY KEY (kind, store_id, about);

ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT invitations_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY public.log_in_attempts
    ADD CONSTRAINT log_in_attempts_pkey PRIMARY KEY (subject);

ALTER TABLE ONLY public.message_prices
    ADD CONSTRAINT message_prices_pkey PRIMARY KEY (store_id, channel);

ALTER TABLE ONLY public.order_events
    ADD CONSTRAINT order_events_pkey PRIMARY KEY (event_id);

ALTER TABLE ONLY public.order_sums
    ADD CONSTRAINT order_sums_pkey PRIMARY KEY (store_id, day, campaign, campaign_version, step, channel, arm, currency);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (store_id, order_id);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.people
    ADD CONSTRAINT people_pkey PRIMARY KEY (person_id);

ALTER TABLE ONLY public.people_sums
    ADD CONSTRAINT people_sums_pkey PRIMARY KEY (store_id, day, campaign, arm, spent);

ALTER TABLE ONLY public.provider_log_ins
    ADD CONSTRAINT provider_log_ins_pkey PRIMARY KEY (state_hash);

ALTER TABLE ONLY public.reading
    ADD CONSTRAINT reading_pkey PRIMARY KEY (topic, partition);

ALTER TABLE ONLY public.reason_sums
    ADD CONSTRAINT reason_sums_pkey PRIMARY KEY (store_id, day, campaign, campaign_version, step, channel, arm, stage, reason);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY public.stale_days
    ADD CONSTRAINT stale_days_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.stock_levels
    ADD CONSTRAINT stock_levels_pkey PRIMARY KEY (store_id, sku, location);

ALTER TABLE ONLY public.stores
    ADD CONSTRAINT stores_pkey PRIMARY KEY (store_id);

ALTER TABLE ONLY public.template_drafts
    ADD CONSTRAINT template_drafts_pkey PRIMARY KEY (person_id, store_id, name);

ALTER TABLE ONLY public.touch_sums
    ADD CONSTRAINT touch_sums_pkey PRIMARY KEY (store_id, day, campaign, kind, campaign_version, step, step_name, channel, arm);

ALTER TABLE ONLY public.touches
    ADD CONSTRAINT touches_pkey PRIMARY KEY (reminder_id);

CREATE INDEX audit_by_store ON public.audit USING btree (store_id, audit_id DESC);

CREATE INDEX audit_by_subject ON public.audit USING btree (store_id, subject, audit_id DESC);

CREATE INDEX carts_changed ON public.carts USING btree (store_id, changed_at);

CREATE INDEX carts_merged ON public.carts USING btree (into_cart_id) WHERE (into_cart_id IS NOT NULL);

CREATE INDEX carts_of_customer ON public.carts USING btree (store_id, customer_id) WHERE (customer_id IS NOT NULL);

CREATE INDEX order_events_of_cart ON public.order_events USING btree (cart_id) WHERE (cart_id IS NOT NULL);

CREATE INDEX order_events_of_customer ON public.order_events USING btree (store_id, customer_id) WHERE (customer_id IS NOT NULL);

CREATE INDEX order_events_of_order ON public.order_events USING btree (store_id, order_id);

CREATE INDEX orders_credited ON public.orders USING btree (credited_to) WHERE (credited_to IS NOT NULL);

CREATE INDEX orders_of_cart ON public.orders USING btree (cart_id) WHERE (cart_id IS NOT NULL);

CREATE INDEX orders_of_customer ON public.orders USING btree (store_id, customer_id, placed_at) WHERE (customer_id IS NOT NULL);

CREATE INDEX orders_of_day ON public.orders USING btree (store_id, placed_at);

CREATE UNIQUE INDEX people_by_email ON public.people USING btree (email);

CREATE INDEX sessions_by_person ON public.sessions USING btree (person_id);

CREATE INDEX stock_levels_low ON public.stock_levels USING btree (store_id, sku) WHERE low;

CREATE INDEX template_drafts_by_age ON public.template_drafts USING btree (saved_at);

CREATE INDEX touches_of_cart ON public.touches USING btree (cart_id) WHERE (cart_id IS NOT NULL);

CREATE INDEX touches_of_customer ON public.touches USING btree (store_id, customer_id, happened_at);

CREATE INDEX touches_of_day ON public.touches USING btree (store_id, happened_at);

CREATE INDEX touches_of_item ON public.touches USING btree (store_id, sku, happened_at) WHERE (sku IS NOT NULL);
