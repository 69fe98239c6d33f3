from django.db import migrations

REFUSE = """
    CREATE FUNCTION accounts_auditevent_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'permission denied: the audit trail only grows'
            USING ERRCODE = 'insufficient_privilege';
    END
    $$;
    CREATE TRIGGER accounts_auditevent_only_grows
        BEFORE UPDATE OR DELETE ON accounts_auditevent
        FOR EACH STATEMENT EXECUTE FUNCTION accounts_auditevent_only_grows();
"""
ALLOW = """
    DROP TRIGGER accounts_auditevent_only_grows ON accounts_auditevent;
    DROP FUNCTION accounts_auditevent_only_grows();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]
