-- Fills an empty database for benchmarks/calendar.py: so many accounts, of which every so many-th
-- (step), until there are enough (due), has something due on one of the days from today on, and
-- the rest later. All indexes stay in place.
SET session_replication_role = replica;

CREATE TEMP TABLE wanted AS
SELECT id, what, day,
    CASE what WHEN 'early' THEN day + 5 WHEN 'note' THEN day + 3 ELSE day END AS ends
FROM (
    SELECT i AS id,
        CASE
            WHEN i % :step > 0 OR i / :step > :due THEN (ARRAY['early', 'renewal'])[1 + i % 2]
            -- Of ten: four early and two last reminders, two renewals, a note, an expiry.
            ELSE (ARRAY['early', 'early', 'early', 'early', 'last', 'last', 'renewal', 'renewal',
                'note', 'expiry'])[1 + i / :step / :days % 10]
        END AS what,
        CASE
            WHEN i % :step > 0 OR i / :step > :due THEN DATE ':today' + 20 + i % 340
            ELSE DATE ':today' + i / :step % :days
        END AS day
    FROM generate_series(1, :accounts) AS i
) AS customers;

INSERT INTO accounts (id, user_name, user_name_folded, email, email_folded, password_hash,
    language, created_at)
SELECT id, 'customer' || id, 'customer' || id, 'c' || id || '@example.org',
    'c' || id || '@example.org', '$argon2id$nobody-logs-in-here', 'de',
    TIMESTAMPTZ ':today' - INTERVAL '1 year'
FROM wanted;

INSERT INTO mails (key, message_id, kind, recipient, language, facts, account_id, created_at,
    state, due_at, attempts, sent_at)
SELECT 'welcome:' || id, md5(id::text), 'welcome', 'c' || id || '@example.org', 'de', '{}', id,
    TIMESTAMPTZ ':today' - INTERVAL '1 year', 'sent', TIMESTAMPTZ ':today' - INTERVAL '1 year', 1,
    TIMESTAMPTZ ':today' - INTERVAL '1 year'
FROM wanted;

INSERT INTO subscriptions (id, account_id, state, product, months, price_cents, currency,
    vat_basis_points, method, anchor, first_number, free_months, created_at)
SELECT id, id, 'active', 'complete', 12, 4000, 'EUR', 1900, 'transfer',
    (day + 1 - INTERVAL '12 months')::date, 0, 0, TIMESTAMPTZ ':today' - INTERVAL '1 year'
FROM wanted WHERE what IN ('renewal', 'note');

INSERT INTO orders (id, account_id, reference, cart_revision, state, method, language, currency,
    total_cents, paid_cents, created_at, pay_until, activated_at)
SELECT id, id, lpad(id::text, 9, '0'), CASE what WHEN 'note' THEN NULL ELSE 1 END,
    CASE what WHEN 'renewal' THEN 'active' ELSE 'open' END, 'transfer', 'de', 'EUR', 4000,
    CASE what WHEN 'renewal' THEN 4000 ELSE 0 END, day - INTERVAL '1 year', day - 1,
    CASE what WHEN 'renewal' THEN day - INTERVAL '1 year' END
FROM wanted WHERE what IN ('renewal', 'note', 'expiry');

INSERT INTO order_items (id, order_id, position, product, name, product_kind, quantity,
    free_months, kind, list_cents, price_cents, vat_basis_points, subscription_id, period_number)
SELECT id, id, 0, 'complete', 'CloudMatic Complete', 'package', 12, 0,
    CASE what WHEN 'expiry' THEN 'single' ELSE 'subscription' END, 4000, 4000, 1900,
    CASE WHEN what <> 'expiry' THEN id END,
    CASE what WHEN 'renewal' THEN 0 WHEN 'note' THEN 1 END
FROM wanted WHERE what IN ('renewal', 'note', 'expiry');

INSERT INTO access_periods (account_id, product, first_day, last_day, trial, order_item, grace_for)
SELECT id, 'complete', CASE what WHEN 'note' THEN day - 3 ELSE ends - 364 END, ends, false,
    CASE what WHEN 'renewal' THEN id END, CASE what WHEN 'note' THEN id END
FROM wanted WHERE what <> 'expiry';

INSERT INTO due_actions (kind, key, account_id, order_id, subscription_id, number, day, due_at,
    state)
SELECT kind, kind || ':' || id || ':' || ends, id,
    CASE WHEN what IN ('note', 'expiry') THEN id END,
    CASE what WHEN 'renewal' THEN id END,
    CASE WHEN what IN ('note', 'renewal') THEN 1 END,
    CASE WHEN what IN ('early', 'last', 'renewal') THEN ends END,
    (due_on + TIME '09:00') AT TIME ZONE 'Europe/Berlin', 'waiting'
FROM (
    SELECT *, day AS due_on,
        CASE what
            WHEN 'early' THEN 'reminder_early' WHEN 'last' THEN 'reminder_last'
            WHEN 'note' THEN 'payment_note' WHEN 'expiry' THEN 'order_expiry' ELSE what
        END AS kind
    FROM wanted
    UNION ALL
    SELECT *, ends, 'reminder_last' FROM wanted WHERE what = 'early'
) AS actions
-- As they were planned: in no order of their days.
ORDER BY md5(id::text);

SELECT setval(pg_get_serial_sequence(name, 'id'), :accounts + 1)
FROM unnest(ARRAY['subscriptions', 'orders', 'order_items']) AS name;
DROP TABLE wanted;
SET session_replication_role = DEFAULT;
