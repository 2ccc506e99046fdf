-- The same tables in both folders; a test compares them. Ids are UUIDv7 text, times milliseconds since 1970 in UTC, JSON
-- is text. A column that a mock file may leave out is null then: no default carries meaning.

create table users (
    user_id text primary key,
    email text not null,
    user_name text,
    first_name text,
    last_name text,
    is_active boolean not null,
    email_verified_at bigint,
    created_at bigint not null,
    updated_at bigint,
    deleted_at bigint,
    version bigint not null
);
create unique index users_email on users (email);
create unique index users_user_name on users (user_name);
create index users_active on users (is_active, created_at);

create table credentials (
    user_id text primary key references users (user_id) on delete cascade,
    password_hash text not null,
    changed_at bigint not null
);

-- One row a login. The refresh token changes with each use; one that is neither the current nor the one before ends the session.
create table sessions (
    session_id text primary key,
    user_id text not null references users (user_id) on delete cascade,
    refresh_hash text not null,
    previous_hash text,
    rotated_at bigint,
    device_hash text,
    user_agent text,
    ip_address text,
    created_at bigint not null,
    last_used_at bigint not null,
    expires_at bigint not null,
    revoked_at bigint
);
create unique index sessions_refresh_hash on sessions (refresh_hash);
create index sessions_user on sessions (user_id, created_at);
create index sessions_expires on sessions (expires_at);

-- What is mailed once: to reset a password, to prove an address.
create table tokens (
    token_id text primary key,
    user_id text not null references users (user_id) on delete cascade,
    purpose text not null,
    token_hash text not null,
    email text not null,
    created_at bigint not null,
    expires_at bigint not null,
    used_at bigint
);
create unique index tokens_hash on tokens (token_hash);
create index tokens_user on tokens (user_id, purpose);
create index tokens_expires on tokens (expires_at);

create table organization (
    organization_id text primary key,
    organization_name text not null,
    slug text not null,
    subscription_tier text not null,
    is_personal boolean not null,
    is_active boolean not null,
    suspended_at bigint,
    created_by text not null references users (user_id),
    created_at bigint not null,
    updated_at bigint,
    deleted_at bigint,
    version bigint not null
);
create unique index organization_slug on organization (slug);
create index organization_created_by on organization (created_by);

create table members (
    user_id text not null references users (user_id) on delete cascade,
    organization_id text not null references organization (organization_id) on delete cascade,
    role text not null,
    joined_at bigint not null,
    invited_by text references users (user_id),
    version bigint not null,
    primary key (user_id, organization_id)
);
create index members_organization on members (organization_id, joined_at);

create table organization_settings (
    organization_id text primary key references organization (organization_id) on delete cascade,
    allow_public_projects boolean not null,
    default_project_visibility text not null,
    require_api_key boolean not null,
    allowed_email_domains text,
    webhook_url text,
    webhook_secret text,
    custom_domain text,
    max_members bigint,
    max_projects bigint,
    max_requests_per_month bigint,
    created_at bigint not null,
    updated_at bigint,
    version bigint not null
);

create table invitations (
    invitation_id text primary key,
    organization_id text not null references organization (organization_id) on delete cascade,
    email text not null,
    role text not null,
    token_hash text not null,
    invited_by text not null references users (user_id),
    created_at bigint not null,
    expires_at bigint not null,
    accepted_at bigint,
    accepted_by text references users (user_id),
    declined_at bigint,
    revoked_at bigint
);
-- One open invitation an address; those that are settled stay for the record.
create unique index invitations_open on invitations (organization_id, email)
    where accepted_at is null and declined_at is null and revoked_at is null;
create unique index invitations_token_hash on invitations (token_hash);
create index invitations_email on invitations (email);
create index invitations_expires on invitations (expires_at);

create table projects (
    project_id text primary key,
    organization_id text not null references organization (organization_id) on delete cascade,
    project_name text not null,
    project_slug text not null,
    -- Whether its mock file names the slug.
    slug_in_spec boolean not null,
    description text,
    is_public boolean,
    cors boolean,
    seed text,
    extensions text,
    log_bodies boolean not null,
    -- A JSON list of names.
    log_redact text not null,
    is_active boolean not null,
    archived_at bigint,
    suspended_at bigint,
    created_by text references users (user_id),
    created_at bigint not null,
    updated_at bigint,
    deleted_at bigint,
    version bigint not null
);
-- Over the whole service, because it is in the address; a deleted project keeps it until it is purged.
create unique index projects_slug on projects (project_slug);
create index projects_organization on projects (organization_id, is_active);
create index projects_created_by on projects (created_by);
create index projects_deleted on projects (deleted_at);
create index projects_updated on projects (updated_at);

-- The slugs that projects gave up, so that every server forgets what it holds under them.
create table past_slugs (
    project_id text not null references projects (project_id) on delete cascade,
    slug text not null,
    -- That of the project with another slug.
    version bigint not null,
    released_at bigint not null,
    primary key (project_id, slug)
);
create index past_slugs_released on past_slugs (released_at);

create table mocks (
    mock_id text primary key,
    project_id text not null references projects (project_id) on delete cascade,
    position bigint not null,
    -- The `id` that its mock file gives it.
    spec_id text,
    mock_name text,
    description text,
    method text,
    path text not null,
    -- The path without the names of its parameters: what two mocks share that match the same requests.
    path_shape text,
    response_type text,
    response_delay text,
    rate_limit text,
    priority bigint,
    is_active boolean,
    extensions text,
    created_by text references users (user_id),
    created_at bigint not null,
    updated_at bigint,
    version bigint not null
);
create index mocks_project on mocks (project_id, position);
create index mocks_shape on mocks (project_id, path_shape, method);

create table mock_responses (
    response_id text primary key,
    mock_id text not null references mocks (mock_id) on delete cascade,
    position bigint not null,
    spec_id text,
    response_name text,
    status_code bigint,
    headers text,
    -- At most one of the three: a JSON value, bytes in base64, the name of a file.
    body text,
    body_base64 text,
    body_file text,
    conditions text,
    weight bigint,
    is_default boolean,
    response_delay text,
    template boolean,
    extensions text,
    created_at bigint not null,
    updated_at bigint,
    version bigint not null
);
create index mock_responses_mock on mock_responses (mock_id, position);

-- One row a request to a mock. No foreign keys: a log outlives what it is about, and must be cheap to write. Ids sort by time, so
-- that time is asked for by them.
create table request_logs (
    log_id text collate "C" primary key,
    organization_id text not null,
    project_id text not null,
    mock_id text,
    response_id text,
    created_at bigint not null,
    answered_by text not null,
    request_method text not null,
    request_path bytea not null,
    request_query bytea,
    -- JSON: pairs of name and value.
    request_headers text not null,
    request_body bytea,
    body_length bigint not null,
    body_hash text,
    body_binary boolean,
    response_status bigint not null,
    response_bytes bigint not null,
    engine_us bigint not null,
    delay_ms bigint not null,
    ip_address text not null,
    user_agent text,
    near_misses text,
    notes text
) partition by range (log_id);
create index request_logs_project on request_logs (project_id, log_id);
create index request_logs_mock on request_logs (mock_id, log_id);
create index request_logs_organization on request_logs (organization_id, log_id);
-- What is rare is found by these, what is common by the first.
create index request_logs_status on request_logs (project_id, response_status, log_id);
create index request_logs_method on request_logs (project_id, request_method, log_id);
create index request_logs_path on request_logs (project_id, request_path, log_id);
create index request_logs_answered on request_logs (project_id, answered_by, log_id);
create index request_logs_response on request_logs (response_id, log_id);
-- A partition for each day is made ahead; whatever has none goes here until it has.
create table request_logs_default partition of request_logs default;

-- The batches that were written: one whose commit was not answered is not written twice.
create table log_batches (
    batch_id text primary key,
    written_at bigint not null
);
create index log_batches_written on log_batches (written_at);

-- What is counted of requests by scope (a mock, a project or an organization), in minutes, hours and days. No foreign keys, as for
-- the logs: a job removes what is left of a scope that is gone.
create table request_rollups (
    scope_id text not null,
    organization_id text not null,
    -- Absent where the scope is an organization.
    project_id text,
    period text not null,
    start_at bigint not null,
    -- An hour or a day whose parts have changed since it was made.
    is_stale boolean not null,
    requests bigint not null,
    errors bigint not null,
    unmatched bigint not null,
    bytes bigint not null,
    status_1xx bigint not null,
    status_2xx bigint not null,
    status_3xx bigint not null,
    status_4xx bigint not null,
    status_5xx bigint not null,
    -- A histogram, a HyperLogLog, and the paths that were asked for most.
    latencies bytea not null,
    visitors bytea not null,
    paths bytea not null,
    primary key (scope_id, period, start_at)
);
create index request_rollups_start on request_rollups (period, start_at);
create index request_rollups_stale on request_rollups (period, start_at) where is_stale;
create index request_rollups_project on request_rollups (project_id);
create index request_rollups_organization on request_rollups (organization_id);

-- Mocks, projects and organizations that are gone for good, until what is left of their requests is gone, too.
create table purged_scopes (
    scope_id text primary key,
    kind text not null,
    purged_at bigint not null,
    due_at bigint not null
);
create index purged_scopes_due on purged_scopes (due_at);

create table usage_stats (
    stat_id text primary key,
    organization_id text not null references organization (organization_id) on delete cascade,
    month text not null,
    endpoint_count bigint not null,
    request_count bigint not null,
    bandwidth_bytes bigint not null,
    unique_ips bigint not null,
    error_count bigint not null,
    -- At how many percent of the plan the owners were told last.
    noticed_percent bigint not null default 0,
    updated_at bigint not null
);
create unique index usage_stats_month on usage_stats (organization_id, month);

create table api_keys (
    key_id text primary key,
    key_hash text not null,
    key_prefix text not null,
    name text not null,
    organization_id text not null references organization (organization_id) on delete cascade,
    -- Absent: all projects of the organization.
    project_id text references projects (project_id) on delete cascade,
    created_by text not null references users (user_id),
    permissions text not null,
    last_used_at bigint,
    expires_at bigint,
    is_active boolean not null,
    revoked_at bigint,
    created_at bigint not null,
    version bigint not null
);
create unique index api_keys_hash on api_keys (key_hash);
create index api_keys_organization on api_keys (organization_id, created_at);
create index api_keys_project on api_keys (project_id);

create table subscriptions (
    subscription_id text primary key,
    organization_id text not null references organization (organization_id) on delete cascade,
    plan_type text not null,
    status text not null,
    stripe_subscription_id text,
    stripe_customer_id text,
    current_period_start bigint,
    current_period_end bigint,
    cancel_at bigint,
    cancelled_at bigint,
    trial_end bigint,
    created_at bigint not null,
    updated_at bigint,
    version bigint not null
);
create unique index subscriptions_organization on subscriptions (organization_id);
create unique index subscriptions_stripe on subscriptions (stripe_subscription_id);
create index subscriptions_status on subscriptions (status);

create table billing_events (
    event_id text primary key,
    organization_id text not null references organization (organization_id) on delete cascade,
    subscription_id text references subscriptions (subscription_id),
    event_type text not null,
    amount bigint,
    currency text,
    description text,
    stripe_event_id text,
    metadata text,
    created_at bigint not null
);
create unique index billing_events_stripe on billing_events (stripe_event_id);
create index billing_events_organization on billing_events (organization_id, created_at);

-- Those of organizations; what everybody finds is no row.
create table response_templates (
    template_id text primary key,
    organization_id text not null references organization (organization_id) on delete cascade,
    name text not null,
    category text,
    description text,
    -- A response as a mock file has it.
    response text not null,
    created_by text references users (user_id),
    created_at bigint not null,
    updated_at bigint,
    version bigint not null
);
create index response_templates_organization on response_templates (organization_id, name);

-- Who did it: a user, a key, or the operator (neither). No foreign keys: it outlives them.
create table audit_logs (
    audit_id text primary key,
    organization_id text not null references organization (organization_id) on delete cascade,
    user_id text,
    key_id text,
    action text not null,
    resource_type text,
    resource_id text,
    changes text,
    ip_address text,
    user_agent text,
    request_id text,
    created_at bigint not null
);
create index audit_logs_organization on audit_logs (organization_id, created_at);
create index audit_logs_user on audit_logs (user_id, created_at);
create index audit_logs_resource on audit_logs (resource_type, resource_id);

-- Mails that wait: for a mail server, or for the operator who has none.
create table outbox (
    mail_id text primary key,
    recipient text not null,
    subject text not null,
    body text not null,
    attempts bigint not null,
    next_attempt_at bigint,
    last_error text,
    sent_at bigint,
    created_at bigint not null
);
create index outbox_waiting on outbox (sent_at, next_attempt_at);

-- What a create answered, for whoever asks again with the same key.
create table idempotency_keys (
    owner_id text not null,
    idempotency_key text not null,
    request_hash text not null,
    response_status bigint,
    response_body bytea,
    created_at bigint not null,
    expires_at bigint not null,
    primary key (owner_id, idempotency_key)
);
create index idempotency_keys_expires on idempotency_keys (expires_at);
