CREATE FUNCTION public.address_on(channel text, email text, phone text, handles jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT CASE channel WHEN 'email' THEN email WHEN 'sms' THEN phone ELSE handles -> channel ->> 'handle' END
$$;

CREATE FUNCTION public.address_subject(address text) RETURNS text
    LANGUAGE sql STABLE
    AS $$
    SELECT 'address:' || encode(sha256(convert_to(salt || lower(address), 'UTF8')), 'hex') FROM address_salt
$$;

CREATE FUNCTION public.agreed_on(channel text, email_consent boolean, sms_consent boolean, handles jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT CASE channel WHEN 'email' THEN email_consent WHEN 'sms' THEN sms_consent
        ELSE coalesce((handles -> channel ->> 'consent')::boolean, false) END
$$;

CREATE FUNCTION public.contact_name(store text, customer text) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT md5(store || chr(31) || customer)
$$;

CREATE FUNCTION public.customer_mark(store_id text, customer_id text) RETURNS bytea
    LANGUAGE sql STABLE
    AS $$
    SELECT sha256(convert_to(salt || chr(31) || store_id || chr(31) || customer_id, 'UTF8')) FROM erasure_salt
$$;

CREATE FUNCTION public.further_reached(store text, customer text, handles jsonb) RETURNS text[]
    LANGUAGE sql STABLE
    AS $$
    SELECT coalesce(array_agg(key ORDER BY key), '{}') FROM jsonb_each(handles)
    WHERE reached_by(store, customer, key, value ->> 'handle', (value ->> 'consent')::boolean)
$$;

CREATE FUNCTION public.reached_by(store text, customer text, by_channel text, address text, consent boolean) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    SELECT address IS NOT NULL AND coalesce(consent, false) AND NOT EXISTS (SELECT FROM suppressions s
        WHERE s.store_id = store AND s.channel = by_channel
          AND s.subject IN ('customer:' || customer, address_subject(address)))
        AND NOT EXISTS (SELECT FROM preferences p
        WHERE p.store_id = store AND p.channel = by_channel AND p.paused_until > now()
          AND p.subject IN ('customer:' || customer, address_subject(address)))
$$;

CREATE TABLE public.address_salt (
    single boolean DEFAULT true NOT NULL,
    salt text NOT NULL,
    CONSTRAINT address_salt_single_check CHECK (single)
);

CREATE TABLE public.answers (
    reminder_id uuid NOT NULL,
    answer text NOT NULL,
    weight text DEFAULT ''::text NOT NULL,
    provider text NOT NULL,
    status text,
    reason text,
    times bigint DEFAULT 1 NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL
)
WITH (fillfactor='90', autovacuum_vacuum_scale_factor='0.1');

CREATE TABLE public.called_off (
    reminder_id uuid NOT NULL,
    store_id text NOT NULL,
    called_off_at timestamp with time zone DEFAULT now() NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.1');

CREATE TABLE public.campaign_assets (
    store_id text NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    templates jsonb,
    pools text[] DEFAULT '{}'::text[] NOT NULL
);

CREATE TABLE public.confirmations (
    store_id text NOT NULL,
    customer_id text NOT NULL,
    channel text NOT NULL,
    recipient text NOT NULL,
    profile_version bigint NOT NULL,
    confirmed_at timestamp with time zone
)
WITH (fillfactor='90', autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.contacts (
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
    handles jsonb DEFAULT '{}'::jsonb NOT NULL,
    country text,
    region text
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.1');

CREATE TABLE public.content_views (
    view_id bigint NOT NULL,
    store_id text NOT NULL,
    reminder_id uuid NOT NULL,
    viewed_by text NOT NULL,
    viewed_at timestamp with time zone DEFAULT now() NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.1');

ALTER TABLE public.content_views ALTER COLUMN view_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.content_views_view_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.coupon_codes (
    store_id text NOT NULL,
    pool text NOT NULL,
    code text NOT NULL,
    expires_at timestamp with time zone,
    customer_id text,
    recipient text,
    taken_at timestamp with time zone,
    valid_until timestamp with time zone,
    refused_at timestamp with time zone
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.coupon_pools (
    store_id text NOT NULL,
    pool text NOT NULL,
    source text NOT NULL,
    pattern text,
    url text,
    check_url text,
    once_days integer NOT NULL,
    low_at integer NOT NULL,
    CONSTRAINT coupon_pools_source_check CHECK ((source = ANY (ARRAY['codes'::text, 'pattern'::text, 'endpoint'::text])))
);

CREATE TABLE public.deliveries (
    reminder_id uuid NOT NULL,
    store_id text NOT NULL,
    customer_id text NOT NULL,
    campaign text NOT NULL,
    kind text NOT NULL,
    step integer NOT NULL,
    channel text NOT NULL,
    template text NOT NULL,
    cart_id uuid,
    cart_version bigint,
    sku text,
    threshold integer,
    due_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    variant text,
    coupon text,
    state text DEFAULT 'pending'::text NOT NULL,
    reason text,
    failures integer DEFAULT 0 NOT NULL,
    provider_id text,
    lease_token uuid,
    next_at timestamp with time zone DEFAULT now() NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    sending_at timestamp with time zone,
    finished_at timestamp with time zone,
    recipient text,
    quiet_since timestamp with time zone,
    copies bigint DEFAULT 0 NOT NULL,
    unsubscribe_link bytea,
    cart_link bytea,
    also_low jsonb,
    exit_on jsonb,
    price bigint,
    order_id text,
    channels jsonb,
    viewed jsonb,
    clicked_at timestamp with time zone,
    handed_over jsonb,
    coupon_from jsonb,
    coupon_code text,
    coupon_until timestamp with time zone,
    times_abandoned integer,
    content bytea,
    CONSTRAINT deliveries_check CHECK (((state = ANY (ARRAY['pending'::text, 'sending'::text])) = (finished_at IS NULL))),
    CONSTRAINT deliveries_check1 CHECK (((finished_at IS NULL) OR (lease_token IS NULL))),
    CONSTRAINT deliveries_check2 CHECK (((state <> 'sending'::text) OR (lease_token IS NOT NULL))),
    CONSTRAINT deliveries_price_check CHECK ((price >= 0)),
    CONSTRAINT deliveries_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'sending'::text, 'sent'::text, 'cancelled'::text, 'expired'::text, 'failed'::text, 'unknown'::text])))
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.02');

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

CREATE TABLE public.lifted_suppressions (
    lifted_id bigint NOT NULL,
    store_id text NOT NULL,
    channel text NOT NULL,
    subject text NOT NULL,
    reason text NOT NULL,
    source text,
    status text,
    closed_at timestamp with time zone NOT NULL,
    lifted_at timestamp with time zone DEFAULT now() NOT NULL,
    lifted_by text NOT NULL,
    why text NOT NULL
);

ALTER TABLE public.lifted_suppressions ALTER COLUMN lifted_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.lifted_suppressions_lifted_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.link_visits (
    reminder_id uuid NOT NULL,
    link text NOT NULL,
    visited_at timestamp with time zone NOT NULL,
    held boolean DEFAULT false NOT NULL,
    provider text DEFAULT 'link'::text NOT NULL
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.monthly_wishes (
    store_id text NOT NULL,
    customer_id text NOT NULL,
    sku text NOT NULL,
    order_id text NOT NULL,
    wished_at timestamp with time zone NOT NULL,
    wording text NOT NULL,
    asked integer NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    confirmed_at timestamp with time zone,
    confirmed_wording text,
    skus text[],
    every text
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

CREATE TABLE public.pauses (
    store_id text NOT NULL,
    campaign text NOT NULL,
    step integer NOT NULL,
    channel text NOT NULL,
    why text NOT NULL,
    since timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.pixel_consents (
    store_id text NOT NULL,
    customer_id text NOT NULL,
    agreed boolean NOT NULL,
    said_at timestamp with time zone NOT NULL,
    wording text NOT NULL,
    told_by text NOT NULL
)
WITH (fillfactor='90', autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.preference_changes (
    change_id bigint NOT NULL,
    store_id text NOT NULL,
    customer_id text NOT NULL,
    reminder_id uuid NOT NULL,
    was jsonb NOT NULL,
    became jsonb NOT NULL,
    wording text NOT NULL,
    changed_at timestamp with time zone NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.1');

ALTER TABLE public.preference_changes ALTER COLUMN change_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.preference_changes_change_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.preferences (
    store_id text NOT NULL,
    channel text NOT NULL,
    subject text NOT NULL,
    declined text[] NOT NULL,
    paused_until timestamp with time zone
)
WITH (fillfactor='90', autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.preview_views (
    view_id bigint NOT NULL,
    store_id text NOT NULL,
    cart_id uuid NOT NULL,
    viewed_by text NOT NULL,
    viewed_at timestamp with time zone DEFAULT now() NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.1');

ALTER TABLE public.preview_views ALTER COLUMN view_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.preview_views_view_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.profiles_read (
    partition integer NOT NULL,
    read_until timestamp with time zone NOT NULL
);

CREATE TABLE public.provider_events (
    provider text NOT NULL,
    event_id text NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.1');

CREATE TABLE public.provider_rates (
    provider text NOT NULL,
    free_at timestamp with time zone NOT NULL
)
WITH (fillfactor='50', autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='2000');

CREATE TABLE public.reach (
    store_id text NOT NULL,
    customer_id text NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    email boolean DEFAULT false NOT NULL,
    sms boolean DEFAULT false NOT NULL,
    timezone text,
    channels text[] DEFAULT '{}'::text[] NOT NULL,
    country text,
    region text
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.1');

CREATE TABLE public.replies (
    message_sid text NOT NULL,
    store_id text NOT NULL,
    meaning text NOT NULL,
    customer_id text,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    channel text,
    subject text,
    read_as text,
    read_by text,
    read_at timestamp with time zone,
    CONSTRAINT replies_meaning_check CHECK ((meaning = ANY (ARRAY['stop'::text, 'start'::text, 'help'::text, 'unclear'::text, 'other'::text])))
)
WITH (autovacuum_vacuum_scale_factor='0.1');

CREATE TABLE public.stores (
    store_id text NOT NULL,
    version bigint NOT NULL,
    description jsonb NOT NULL,
    closed_at timestamp with time zone,
    CONSTRAINT stores_description_check CHECK ((jsonb_typeof(description) = 'object'::text)),
    CONSTRAINT stores_store_id_check CHECK ((store_id <> ''::text))
);

CREATE TABLE public.suppressions (
    store_id text NOT NULL,
    channel text NOT NULL,
    subject text NOT NULL,
    reason text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    source text,
    status text,
    CONSTRAINT suppressions_reason_check CHECK ((reason = ANY (ARRAY['unsubscribed'::text, 'bounced'::text, 'complained'::text, 'stop'::text]))),
    CONSTRAINT suppressions_subject_check CHECK (((subject ~~ 'customer:%'::text) OR (subject ~~ 'address:%'::text)))
)
WITH (autovacuum_vacuum_scale_factor='0.1');

CREATE TABLE public.template_versions (
    revision bigint NOT NULL,
    store_id text NOT NULL,
    name text NOT NULL,
    version bigint NOT NULL,
    document jsonb,
    made_by text NOT NULL,
    made_at timestamp with time zone NOT NULL,
    rolled_back_to bigint
);

ALTER TABLE public.template_versions ALTER COLUMN revision ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.template_versions_revision_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE ONLY public.address_salt
    ADD CONSTRAINT address_salt_pkey PRIMARY KEY (single);

ALTER TABLE ONLY public.answers
    ADD CONSTRAINT answers_pkey PRIMARY KEY (reminder_id, answer, weight);

ALTER TABLE ONLY public.called_off
    ADD CONSTRAINT called_off_pkey PRIMARY KEY (reminder_id);

ALTER TABLE ONLY public.campaign_assets
    ADD CONSTRAINT campaign_assets_pkey PRIMARY KEY (store_id);

ALTER TABLE ONLY public.confirmations
    ADD CONSTRAINT confirmations_pkey PRIMARY KEY (store_id, customer_id, channel);

ALTER TABLE ONLY public.contacts
    ADD CONSTRAINT contacts_pkey PRIMARY KEY (store_id, customer_id);

ALTER TABLE ONLY public.content_views
    ADD CONSTRAINT content_views_pkey PRIMARY KEY (view_id);

ALTER TABLE ONLY public.coupon_codes
    ADD CONSTRAINT coupon_codes_pkey PRIMARY KEY (store_id, pool, code);

ALTER TABLE ONLY public.coupon_pools
    ADD CONSTRAINT coupon_pools_pkey PRIMARY KEY (store_id, pool);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (reminder_id);

ALTER TABLE ONLY public.erased_customers
    ADD CONSTRAINT erased_customers_pkey PRIMARY KEY (mark);

ALTER TABLE ONLY public.erasure_salt
    ADD CONSTRAINT erasure_salt_pkey PRIMARY KEY (single);

ALTER TABLE ONLY public.lifted_suppressions
    ADD CONSTRAINT lifted_suppressions_pkey PRIMARY KEY (lifted_id);

ALTER TABLE ONLY public.link_visits
    ADD CONSTRAINT link_visits_pkey PRIMARY KEY (reminder_id, link);

ALTER TABLE ONLY public.monthly_wishes
    ADD CONSTRAINT monthly_wishes_pkey PRIMARY KEY (store_id, customer_id, order_id);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.pauses
    ADD CONSTRAINT pauses_pkey PRIMARY KEY (store_id, campaign, step, channel);

ALTER TABLE ONLY public.pixel_consents
    ADD CONSTRAINT pixel_consents_pkey PRIMARY KEY (store_id, customer_id);

ALTER TABLE ONLY public.preference_changes
    ADD CONSTRAINT preference_changes_pkey PRIMARY KEY (change_id);

ALTER TABLE ONLY public.preferences
    ADD CONSTRAINT preferences_pkey PRIMARY KEY (store_id, channel, subject);

ALTER TABLE ONLY public.preview_views
    ADD CONSTRAINT preview_views_pkey PRIMARY KEY (view_id);

ALTER TABLE ONLY public.profiles_read
    ADD CONSTRAINT profiles_read_pkey PRIMARY KEY (partition);

ALTER TABLE ONLY public.provider_events
    ADD CONSTRAINT provider_events_pkey PRIMARY KEY (provider, event_id);

ALTER TABLE ONLY public.provider_rates
    ADD CONSTRAINT provider_rates_pkey PRIMARY KEY (provider);

ALTER TABLE ONLY public.reach
    ADD CONSTRAINT reach_pkey PRIMARY KEY (store_id, customer_id);

ALTER TABLE ONLY public.replies
    ADD CONSTRAINT replies_pkey PRIMARY KEY (message_sid, store_id);

ALTER TABLE ONLY public.stores
    ADD CONSTRAINT stores_pkey PRIMARY KEY (store_id);

ALTER TABLE ONLY public.suppressions
    ADD CONSTRAINT suppressions_pkey PRIMARY KEY (store_id, channel, subject, reason);

ALTER TABLE ONLY public.template_versions
    ADD CONSTRAINT template_versions_pkey PRIMARY KEY (store_id, name, version);

CREATE INDEX called_off_old ON public.called_off USING brin (called_off_at);

CREATE INDEX confirmations_recipient ON public.confirmations USING btree (store_id, channel, recipient);

CREATE INDEX contacts_email ON public.contacts USING btree (store_id, lower(email)) WHERE (email IS NOT NULL);

CREATE INDEX contacts_handles ON public.contacts USING gin (handles jsonb_path_ops) WHERE (handles <> '{}'::jsonb);

CREATE INDEX contacts_name ON public.contacts USING btree (public.contact_name(store_id, customer_id));

CREATE INDEX contacts_phone ON public.contacts USING btree (store_id, phone) WHERE (phone IS NOT NULL);

CREATE INDEX content_views_of_message ON public.content_views USING btree (store_id, reminder_id);

CREATE INDEX coupon_codes_customer ON public.coupon_codes USING btree (store_id, customer_id) WHERE (customer_id IS NOT NULL);

CREATE INDEX coupon_codes_free ON public.coupon_codes USING btree (store_id, pool, expires_at, code) WHERE ((taken_at IS NULL) AND (refused_at IS NULL));

CREATE INDEX coupon_codes_recipient ON public.coupon_codes USING btree (store_id, recipient) WHERE (recipient IS NOT NULL);

CREATE INDEX deliveries_cart ON public.deliveries USING btree (store_id, cart_id);

CREATE UNIQUE INDEX deliveries_cart_link ON public.deliveries USING btree (cart_link) WHERE (cart_link IS NOT NULL);

CREATE INDEX deliveries_content ON public.deliveries USING btree (store_id, finished_at) WHERE (content IS NOT NULL);

CREATE INDEX deliveries_coupon_code ON public.deliveries USING btree (store_id, coupon_code) WHERE (coupon_code IS NOT NULL);

CREATE INDEX deliveries_customer ON public.deliveries USING btree (store_id, customer_id);

CREATE INDEX deliveries_next ON public.deliveries USING btree (next_at) WHERE (state = ANY (ARRAY['pending'::text, 'sending'::text]));

CREATE INDEX deliveries_next_of_lane ON public.deliveries USING btree (store_id, channel, next_at) WHERE (state = ANY (ARRAY['pending'::text, 'sending'::text]));

CREATE INDEX deliveries_old ON public.deliveries USING brin (received_at);

CREATE INDEX deliveries_provider_id ON public.deliveries USING btree (provider_id) WHERE (provider_id IS NOT NULL);

CREATE INDEX deliveries_recipient ON public.deliveries USING btree (store_id, recipient, sending_at) WHERE (recipient IS NOT NULL);

CREATE UNIQUE INDEX deliveries_unsubscribe_link ON public.deliveries USING btree (unsubscribe_link) WHERE (unsubscribe_link IS NOT NULL);

CREATE INDEX lifted_suppressions_of_store ON public.lifted_suppressions USING btree (store_id, lifted_id);

CREATE INDEX link_visits_by_time ON public.link_visits USING btree (visited_at);

CREATE INDEX monthly_wishes_by_time ON public.monthly_wishes USING btree (store_id, asked_at);

CREATE INDEX preference_changes_of_customer ON public.preference_changes USING btree (store_id, customer_id, change_id);

CREATE INDEX preferences_pauses ON public.preferences USING btree (paused_until) WHERE (paused_until IS NOT NULL);

CREATE INDEX preview_views_of_cart ON public.preview_views USING btree (store_id, cart_id);

CREATE INDEX provider_events_old ON public.provider_events USING brin (received_at);

CREATE INDEX replies_of_customer ON public.replies USING btree (store_id, customer_id) WHERE (customer_id IS NOT NULL);

CREATE INDEX replies_unclear ON public.replies USING btree (store_id, received_at) WHERE (meaning = 'unclear'::text);

CREATE INDEX template_versions_revision ON public.template_versions USING btree (revision);

ALTER TABLE ONLY public.answers
    ADD CONSTRAINT answers_reminder_id_fkey FOREIGN KEY (reminder_id) REFERENCES public.deliveries(reminder_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.link_visits
    ADD CONSTRAINT link_visits_reminder_id_fkey FOREIGN KEY (reminder_id) REFERENCES public.deliveries(reminder_id) ON DELETE CASCADE;
