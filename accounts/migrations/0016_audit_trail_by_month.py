from django.db import migrations

# What is there becomes the first partition, without being read or copied. Queries and inserts of
# programs that run during the migration wait for some milliseconds and go on.
PARTITION = """
    LOCK TABLE accounts_auditevent IN ACCESS EXCLUSIVE MODE;
    DROP TRIGGER accounts_auditevent_only_grows ON accounts_auditevent;
    ALTER TABLE accounts_auditevent RENAME TO accounts_auditevent_first;
    ALTER INDEX auditevent_newest RENAME TO auditevent_first_newest;
    ALTER INDEX auditevent_target RENAME TO auditevent_first_target;
    ALTER INDEX auditevent_accounts RENAME TO auditevent_first_accounts;
    ALTER INDEX auditevent_recipients RENAME TO auditevent_first_recipients;
    CREATE TABLE accounts_auditevent (LIKE accounts_auditevent_first) PARTITION BY RANGE (at);
    CREATE INDEX auditevent_newest ON accounts_auditevent (at DESC, id DESC);
    CREATE INDEX auditevent_target ON accounts_auditevent (target_id, at DESC);
    CREATE INDEX auditevent_accounts ON accounts_auditevent USING gin (accounts);
    CREATE INDEX auditevent_recipients ON accounts_auditevent USING gin (recipients);
    CREATE TABLE accounts_auditevent_default (
        LIKE accounts_auditevent INCLUDING DEFAULTS, PRIMARY KEY (id)
    );
    ALTER TABLE accounts_auditevent ATTACH PARTITION accounts_auditevent_default DEFAULT;
    DO $$
    DECLARE
        next_id bigint := nextval(pg_get_serial_sequence('accounts_auditevent_first', 'id'));
        last_at timestamptz := greatest(
            clock_timestamp(), (SELECT max(at) FROM accounts_auditevent_first)
        );
    BEGIN
        ALTER TABLE accounts_auditevent_first ALTER COLUMN id DROP IDENTITY;
        CREATE SEQUENCE accounts_auditevent_id_seq OWNED BY accounts_auditevent.id;
        PERFORM setval('accounts_auditevent_id_seq', next_id, false);
        EXECUTE format(
            'ALTER TABLE accounts_auditevent ATTACH PARTITION accounts_auditevent_first '
            'FOR VALUES FROM (MINVALUE) TO (%L)',
            (date_trunc('month', last_at, 'UTC') AT TIME ZONE 'UTC' + interval '1 month')
            AT TIME ZONE 'UTC'
        );
    END
    $$;
"""

# A transaction is numbered before its events: accounts/sealing.py waits for those that may still
# add an event with a lower number.
NUMBER = """
    CREATE FUNCTION accounts_next_event() RETURNS bigint LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_current_xact_id();
        RETURN nextval('accounts_auditevent_id_seq');
    END
    $$;
    ALTER TABLE accounts_auditevent ALTER COLUMN id SET DEFAULT accounts_next_event();
"""

# Also for the owner of the table, against accidents. Others have no privilege (console/database).
REFUSE = """
    CREATE TRIGGER accounts_auditevent_only_grows
        BEFORE UPDATE OR DELETE ON accounts_auditevent
        FOR EACH ROW EXECUTE FUNCTION accounts_auditevent_only_grows();

    CREATE FUNCTION accounts_auditevent_is_now() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF abs(extract(epoch FROM clock_timestamp() - NEW.at)) > 300 THEN
            RAISE EXCEPTION 'permission denied: an audit event has the time of its insertion'
                USING ERRCODE = 'insufficient_privilege',
                HINT = 'The clocks of this server and of the database differ by over 5 minutes.';
        END IF;
        RETURN NEW;
    END
    $$;
    CREATE TRIGGER accounts_auditevent_is_now
        BEFORE INSERT ON accounts_auditevent
        FOR EACH ROW EXECUTE FUNCTION accounts_auditevent_is_now();
"""

# `manage.py housekeep` calls it. It runs as the owner, because the application can't create tables.
# An event of a month that has no partition goes into accounts_auditevent_default.
ADD_MONTHS = """
    CREATE FUNCTION accounts_add_months() RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '1s' AS $$
    DECLARE
        month timestamp := date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC');
        start timestamp;
        name text;
    BEGIN
        FOR months IN 1..3 LOOP
            start := month + months * interval '1 month';
            name := 'accounts_auditevent_' || to_char(start, 'YYYY_MM');
            CONTINUE WHEN to_regclass(name) IS NOT NULL;
            EXECUTE format(
                'CREATE TABLE %I (LIKE accounts_auditevent INCLUDING DEFAULTS, PRIMARY KEY (id))',
                name
            );
            BEGIN
                EXECUTE format(
                    'ALTER TABLE accounts_auditevent ATTACH PARTITION %I '
                    'FOR VALUES FROM (%L) TO (%L)',
                    name, start AT TIME ZONE 'UTC', (start + interval '1 month') AT TIME ZONE 'UTC'
                );
            EXCEPTION WHEN invalid_object_definition OR check_violation THEN
                EXECUTE format('DROP TABLE %I', name);
            END;
        END LOOP;
    END
    $$;
    REVOKE ALL ON FUNCTION accounts_add_months() FROM PUBLIC;
    SELECT accounts_add_months();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0015_seen_at_of_people")]

    operations = [
        migrations.RunSQL(PARTITION),
        migrations.RunSQL(NUMBER),
        migrations.RunSQL(REFUSE),
        migrations.RunSQL(ADD_MONTHS),
    ]
