CREATE FUNCTION public.customer_mark(store_id text, customer_id text) RETURNS bytea
    LANGUAGE sql STABLE
    AS $$
    SELECT sha256(convert_to(salt || chr(31) || store_id || chr(31) || customer_id, 'UTF8')) FROM erasure_salt
$$;

CREATE TABLE public.backtests (
    backtest_id uuid NOT NULL,
    store_id text NOT NULL,
    document text NOT NULL,
    days integer NOT NULL,
    asked_by text NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    state text NOT NULL,
    reason text,
    attempts integer DEFAULT 0 NOT NULL,
    lease_until timestamp with time zone,
    events bigint DEFAULT 0 NOT NULL,
    reached timestamp with time zone,
    result text,
    ended_at timestamp with time zone,
    CONSTRAINT backtests_days_check CHECK ((days > 0)),
    CONSTRAINT backtests_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'done'::text, 'failed'::text, 'cancelled'::text])))
)
WITH (autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.campaign_activations (
    store_id text NOT NULL,
    campaign text NOT NULL,
    active_since timestamp with time zone NOT NULL
);

CREATE TABLE public.campaign_assets (
    store_id text NOT NULL,
    version bigint NOT NULL,
    templates jsonb,
    pools text[] NOT NULL
);

CREATE TABLE public.campaign_files (
    store_id text NOT NULL
);

CREATE TABLE public.campaign_versions (
    store_id text NOT NULL,
    version bigint NOT NULL,
    revision bigint NOT NULL,
    document text,
    made_by text NOT NULL,
    made_at timestamp with time zone NOT NULL,
    rolled_back_to bigint,
    CONSTRAINT campaign_versions_version_check CHECK ((version > 0))
);

ALTER TABLE public.campaign_versions ALTER COLUMN revision ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.campaign_versions_revision_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.carts (
    cart_id uuid NOT NULL,
    store_id text NOT NULL,
    customer_id text,
    version bigint NOT NULL,
    quiet_since timestamp with time zone NOT NULL,
    units bigint NOT NULL,
    total bigint NOT NULL,
    currency text,
    closed_at timestamp with time zone,
    decided_until timestamp with time zone NOT NULL,
    due_at timestamp with time zone,
    partition integer NOT NULL,
    goods_version bigint,
    silent boolean DEFAULT false NOT NULL,
    heeds_orders boolean,
    origin text,
    checkout_since timestamp with time zone,
    CONSTRAINT carts_check CHECK ((decided_until >= quiet_since)),
    CONSTRAINT carts_total_check CHECK ((total >= 0)),
    CONSTRAINT carts_units_check CHECK ((units >= 0)),
    CONSTRAINT carts_version_check CHECK ((version > 0))
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.05', autovacuum_vacuum_insert_scale_factor='0.2');

CREATE TABLE public.clicks (
    reminder_id uuid NOT NULL,
    store_id text NOT NULL,
    customer_id text NOT NULL,
    campaign text NOT NULL,
    clicked_at timestamp with time zone NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.customer_orders (
    store_id text NOT NULL,
    order_id text NOT NULL,
    customer_id text NOT NULL,
    cart_id uuid,
    placed_at timestamp with time zone NOT NULL,
    currency text,
    total bigint,
    status text NOT NULL,
    channel text,
    first_told_at timestamp with time zone NOT NULL,
    last_told_at timestamp with time zone NOT NULL,
    skus text[],
    CONSTRAINT customer_orders_total_check CHECK ((total >= 0))
)
WITH (fillfactor='90', autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.decisions (
    reminder_id uuid NOT NULL,
    store_id text NOT NULL,
    customer_id text,
    campaign text NOT NULL,
    step integer NOT NULL,
    channel text NOT NULL,
    cart_id uuid,
    cart_version bigint,
    sku text,
    due_at timestamp with time zone NOT NULL,
    outcome text NOT NULL,
    reason text NOT NULL,
    decided_at timestamp with time zone DEFAULT now() NOT NULL,
    price bigint,
    order_id text,
    campaign_version text,
    step_name text,
    arm text,
    total bigint,
    currency text,
    named jsonb,
    came_to_nothing boolean,
    CONSTRAINT decisions_outcome_check CHECK ((outcome = ANY (ARRAY['would_send'::text, 'skipped'::text]))),
    CONSTRAINT decisions_step_check CHECK ((step > 0))
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

CREATE TABLE public.fan_outs (
    crossing_id uuid NOT NULL,
    store_id text NOT NULL,
    campaign text NOT NULL,
    sku text NOT NULL,
    level bigint NOT NULL,
    level_version bigint NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    remaining bigint NOT NULL,
    told bigint DEFAULT 0 NOT NULL,
    cursor_touched_at timestamp with time zone DEFAULT 'infinity'::timestamp with time zone NOT NULL,
    cursor_cart_id uuid DEFAULT 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    threshold bigint,
    begins_at timestamp with time zone,
    worked_at timestamp with time zone,
    fallen jsonb,
    waiting_since timestamp with time zone,
    CONSTRAINT fan_outs_remaining_check CHECK ((remaining >= 0)),
    CONSTRAINT fan_outs_threshold_check CHECK ((threshold >= 0))
);

CREATE TABLE public.holdings (
    cart_id uuid NOT NULL,
    sku text NOT NULL,
    store_id text NOT NULL,
    customer_id text NOT NULL,
    units bigint NOT NULL,
    touched_at timestamp with time zone NOT NULL,
    seen_price bigint,
    CONSTRAINT holdings_units_check CHECK ((units > 0))
)
WITH (fillfactor='90', autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.occasions (
    store_id text NOT NULL,
    subject text NOT NULL,
    subject_id text NOT NULL,
    customer_id text NOT NULL,
    since timestamp with time zone NOT NULL,
    facts jsonb DEFAULT '{}'::jsonb NOT NULL,
    ended text,
    decided_until timestamp with time zone NOT NULL,
    due_at timestamp with time zone,
    partition integer NOT NULL,
    CONSTRAINT occasions_facts_check CHECK ((jsonb_typeof(facts) = 'object'::text))
)
WITH (fillfactor='90', autovacuum_vacuum_scale_factor='0.05');

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

CREATE TABLE public.participants (
    store_id text NOT NULL,
    campaign text NOT NULL,
    customer_id text NOT NULL,
    arm text,
    entries jsonb DEFAULT '[]'::jsonb NOT NULL,
    entered_at timestamp with time zone DEFAULT now() NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.partition_progress (
    partition integer NOT NULL,
    read_until timestamp with time zone NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE public.price_levels (
    store_id text NOT NULL,
    sku text NOT NULL,
    version bigint NOT NULL,
    prices jsonb NOT NULL,
    CONSTRAINT price_levels_version_check CHECK ((version > 0))
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.reach (
    store_id text NOT NULL,
    customer_id text NOT NULL,
    version bigint NOT NULL,
    email boolean NOT NULL,
    sms boolean NOT NULL,
    timezone text,
    channels text[]
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.1');

CREATE TABLE public.stock_items (
    store_id text NOT NULL,
    sku text NOT NULL,
    available bigint,
    level_version bigint NOT NULL,
    category text,
    CONSTRAINT stock_items_available_check CHECK ((available >= 0)),
    CONSTRAINT stock_items_level_version_check CHECK ((level_version > 0))
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.stock_levels (
    store_id text NOT NULL,
    sku text NOT NULL,
    campaign text NOT NULL,
    level bigint NOT NULL,
    version bigint NOT NULL,
    armed boolean NOT NULL,
    sold_out_at timestamp with time zone,
    CONSTRAINT stock_levels_level_check CHECK ((level >= 0)),
    CONSTRAINT stock_levels_version_check CHECK ((version > 0))
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.stores (
    store_id text NOT NULL,
    version bigint NOT NULL,
    currencies text[]
);

CREATE TABLE public.watches (
    watch_id uuid NOT NULL,
    version bigint NOT NULL,
    store_id text NOT NULL,
    customer_id text NOT NULL,
    sku text NOT NULL,
    set_at timestamp with time zone NOT NULL,
    told_by uuid,
    ended text,
    ended_at timestamp with time zone,
    saved_in uuid,
    CONSTRAINT watches_version_check CHECK ((version > 0))
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.05');

ALTER TABLE ONLY public.backtests
    ADD CONSTRAINT backtests_pkey PRIMARY KEY (backtest_id);

ALTER TABLE ONLY public.campaign_activations
    ADD CONSTRAINT campaign_activations_pkey PRIMARY KEY (store_id, campaign);

ALTER TABLE ONLY public.campaign_assets
    ADD CONSTRAINT campaign_assets_pkey PRIMARY KEY (store_id);

ALTER TABLE ONLY public.campaign_files
    ADD CONSTRAINT campaign_files_pkey PRIMARY KEY (store_id);

ALTER TABLE ONLY public.campaign_versions
    ADD CONSTRAINT campaign_versions_pkey PRIMARY KEY (store_id, version);

ALTER TABLE ONLY public.campaign_versions
    ADD CONSTRAINT campaign_versions_revision_key UNIQUE (revision);

ALTER TABLE ONLY public.carts
    ADD CONSTRAINT carts_pkey PRIMARY KEY (cart_id);

ALTER TABLE ONLY public.clicks
    ADD CONSTRAINT clicks_pkey PRIMARY KEY (reminder_id);

ALTER TABLE ONLY public.customer_orders
    ADD CONSTRAINT customer_orders_pkey PRIMARY KEY (store_id, order_id);

ALTER TABLE ONLY public.decisions
    ADD CONSTRAINT decisions_pkey PRIMARY KEY (reminder_id);

ALTER TABLE ONLY public.erased_customers
    ADD CONSTRAINT erased_customers_pkey PRIMARY KEY (mark);

ALTER TABLE ONLY public.erasure_salt
    ADD CONSTRAINT erasure_salt_pkey PRIMARY KEY (single);

ALTER TABLE ONLY public.fan_outs
    ADD CONSTRAINT fan_outs_pkey PRIMARY KEY (crossing_id);

ALTER TABLE public.fan_outs
    ADD CONSTRAINT fan_outs_state_check CHECK ((state = ANY (ARRAY['open'::text, 'done'::text, 'expired'::text, 'restocked'::text, 'superseded'::text, 'sold_out'::text, 'switched_off'::text, 'failed'::text]))) NOT VALID;

ALTER TABLE ONLY public.holdings
    ADD CONSTRAINT holdings_pkey PRIMARY KEY (cart_id, sku);

ALTER TABLE ONLY public.occasions
    ADD CONSTRAINT occasions_pkey PRIMARY KEY (store_id, subject, subject_id);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.participants
    ADD CONSTRAINT participants_pkey PRIMARY KEY (store_id, customer_id, campaign);

ALTER TABLE ONLY public.partition_progress
    ADD CONSTRAINT partition_progress_pkey PRIMARY KEY (partition);

ALTER TABLE ONLY public.price_levels
    ADD CONSTRAINT price_levels_pkey PRIMARY KEY (store_id, sku);

ALTER TABLE ONLY public.reach
    ADD CONSTRAINT reach_pkey PRIMARY KEY (store_id, customer_id);

ALTER TABLE ONLY public.stock_items
    ADD CONSTRAINT stock_items_pkey PRIMARY KEY (store_id, sku);

ALTER TABLE ONLY public.stock_levels
    ADD CONSTRAINT stock_levels_pkey PRIMARY KEY (store_id, sku, campaign);

ALTER TABLE ONLY public.stores
    ADD CONSTRAINT stores_pkey PRIMARY KEY (store_id);

ALTER TABLE ONLY public.watches
    ADD CONSTRAINT watches_pkey PRIMARY KEY (watch_id);

CREATE INDEX backtests_ahead ON public.backtests USING btree (asked_at) WHERE (state = ANY (ARRAY['waiting'::text, 'running'::text]));

CREATE UNIQUE INDEX backtests_at_once ON public.backtests USING btree (store_id) WHERE (state = ANY (ARRAY['waiting'::text, 'running'::text]));

CREATE INDEX backtests_by_age ON public.backtests USING btree (asked_at);

CREATE INDEX backtests_of_store ON public.backtests USING btree (store_id, asked_at DESC);

CREATE INDEX carts_closed ON public.carts USING btree (closed_at) WHERE (closed_at IS NOT NULL);

CREATE INDEX carts_due ON public.carts USING btree (partition, due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX carts_of_customer ON public.carts USING btree (store_id, customer_id) WHERE (customer_id IS NOT NULL);

CREATE INDEX clicks_at ON public.clicks USING btree (clicked_at);

CREATE INDEX clicks_of_customer ON public.clicks USING btree (store_id, customer_id);

CREATE INDEX customer_orders_of_customer ON public.customer_orders USING btree (store_id, customer_id, placed_at);

CREATE INDEX customer_orders_placed_at ON public.customer_orders USING btree (placed_at);

CREATE INDEX decisions_of_cart ON public.decisions USING btree (cart_id, decided_at);

CREATE INDEX decisions_of_customer ON public.decisions USING btree (store_id, customer_id, decided_at);

CREATE INDEX decisions_old ON public.decisions USING brin (decided_at);

CREATE INDEX fan_outs_open ON public.fan_outs USING btree (occurred_at) WHERE (state = 'open'::text);

CREATE INDEX fan_outs_worked ON public.fan_outs USING btree (store_id, campaign, worked_at);

CREATE INDEX holdings_of_item ON public.holdings USING btree (store_id, sku, touched_at, cart_id) INCLUDE (customer_id);

CREATE INDEX occasions_due ON public.occasions USING btree (partition, due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX occasions_of_customer ON public.occasions USING btree (store_id, customer_id);

CREATE INDEX occasions_since ON public.occasions USING btree (since) WHERE (due_at IS NULL);

CREATE INDEX participants_entered_at ON public.participants USING btree (entered_at);

CREATE INDEX watches_ended ON public.watches USING btree (ended_at) WHERE (ended_at IS NOT NULL);

CREATE INDEX watches_of_customer ON public.watches USING btree (store_id, customer_id);

CREATE INDEX watches_told_by ON public.watches USING btree (told_by) WHERE (told_by IS NOT NULL);

CREATE INDEX watches_waiting ON public.watches USING btree (store_id, sku, set_at, watch_id) WHERE ((ended IS NULL) AND (told_by IS NULL));
