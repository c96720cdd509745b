"""SQL functions the schema stands on, as migration operations. All immutable ones use only the
server's own functions.
"""

from typing import Any

from django.conf import settings
from django.db import migrations

# Letters that Unicode does not decompose (and the sigma that ends a word), and signs that would glue words together.
LETTERS, PLAIN = "øłđðþıħŧßæœς", "olddtihtsaoσ"
SIGNS = "@._-+/\\:&#=?,;()\"|<>[]{}*!%$~^`'"
# Accents, and what is not seen: soft hyphens, joiners, variation selectors.
DROPPED = r"\0300-\036f\00ad\200b-\200d\2060\fe00-\fe0f\feff"

# Bodies are SQL-standard (RETURN), so that the names in them are bound when they are made: a restored dump computes the
# generated columns with an empty search path.
FOLD = f"""
CREATE FUNCTION trato_fold(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN translate(
    CASE WHEN octet_length(value) = char_length(value) THEN lower(value)
    ELSE translate(
        lower(regexp_replace(normalize(value, NFKD), U&'[{DROPPED}]', '', 'g')), '{LETTERS}', '{PLAIN}') END,
    '{SIGNS.replace("'", "''")}', '{" " * len(SIGNS)}')
"""

TITLE_KEY = """
CREATE FUNCTION trato_title_key(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN btrim(left(trato_fold(value), 200))
"""

WORDS = """
CREATE FUNCTION trato_words(value jsonb, path jsonpath) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce((SELECT string_agg(part #>> '{}', ' ') FROM jsonb_path_query(value, path) AS part
                 WHERE jsonb_typeof(part) IN ('string', 'number')), '')
"""

# A number is kept as +34600123456 and looked for as 600 123 456: country codes have one to three digits, so the digits
# without the first one, two and three are words too, and one of them is the national number.
PHONE_WORDS = """
CREATE FUNCTION trato_phone_words(value jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce((SELECT string_agg(concat_ws(' ', d, substr(d, 2), substr(d, 3), substr(d, 4)), ' ')
                 FROM (SELECT replace(part #>> '{}', '+', '') AS d
                       FROM jsonb_path_query(value, '$[*].number') AS part) AS x), '')
"""

MEMBERSHIPS = """
CREATE FUNCTION trato_memberships(person uuid) RETURNS TABLE (workspace_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
SELECT m.workspace_id FROM workspaces_membership m WHERE m.user_id = person AND m.is_active
$$"""

# An index over one place of an array of copies (engine/slots.py), made for whichever workspace first has a field there.
# It runs as the owner of the tables, which the app role is not, and takes no SQL from its caller.
INDEX_SLOT = """
CREATE FUNCTION trato_index_slot(table_name text, slot text, place int) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    name text := left(table_name, 40) || '_' || slot || '_' || place;
    part text := '';
BEGIN
    IF place NOT BETWEEN 1 AND 20 OR slot NOT IN ('slot_texts', 'slot_numbers', 'slot_dates', 'slot_times')
        OR NOT EXISTS (SELECT FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                       WHERE c.relname = table_name AND c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
                         AND a.attname = slot AND NOT a.attisdropped) THEN
        RETURN false;
    END IF;
    IF to_regclass(format('public.%I', name)) IS NOT NULL THEN
        RETURN false;
    END IF;
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = format('public.%I', table_name)::regclass
               AND attname = 'part_id' AND NOT attisdropped) THEN
        part := 'part_id, ';
    END IF;
    EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON public.%I (workspace_id, %s(%I[%s]), id) WHERE %I[%s] IS NOT NULL',
                   name, table_name, part, slot, place, slot, place);
    RETURN true;
END
$$"""

# The words of a comment. Row-level security would keep the index from being used ("@@" is not leakproof), so the
# function narrows to the workspace itself; whether the records may be seen its caller finds out.
COMMENT_WORDS = "to_tsvector('simple'::regconfig, trato_fold(left(regexp_replace(text, '<[^>]*>', ' ', 'g'), 100000)))"
COMMENT_INDEX = f"CREATE INDEX comment_search ON engine_comment USING gin ({COMMENT_WORDS}) WHERE deleted_at IS NULL"
COMMENT_SEARCH = """
CREATE FUNCTION trato_comment_search(words tsquery, before uuid, n int) RETURNS TABLE (id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
SELECT c.id FROM (
    SELECT t.id FROM engine_comment t
    WHERE t.workspace_id = nullif(current_setting('trato.workspace', true), '')::uuid AND t.deleted_at IS NULL
      AND WORDS @@ words OFFSET 0
) c WHERE before IS NULL OR c.id < before ORDER BY c.id DESC LIMIT n
$$""".replace("WORDS", COMMENT_WORDS)


def _handed_over(signature: str) -> list[str]:
    """Statements that give a SECURITY DEFINER function to the maintenance role and only the app role the right to call
    it.
    """
    roles = settings.TRATO_ROLES
    statements = [f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC"]
    if roles.get("app"):
        statements.append(f'GRANT EXECUTE ON FUNCTION {signature} TO "{roles["app"]}"')
    if roles.get("maintenance"):
        statements.append(f'ALTER FUNCTION {signature} OWNER TO "{roles["maintenance"]}"')
    return statements


def text_functions() -> migrations.RunSQL:
    """The functions behind folded titles and search documents."""
    return migrations.RunSQL([FOLD, TITLE_KEY, WORDS, PHONE_WORDS], migrations.RunSQL.noop)


def membership_function() -> migrations.RunSQL:
    """The one look-up across workspaces: where a person is a member."""
    return migrations.RunSQL([MEMBERSHIPS, *_handed_over("trato_memberships(uuid)")], migrations.RunSQL.noop)


def slot_index_function() -> migrations.RunSQL:
    """What makes an index for a custom field; the owner of the tables keeps it."""
    roles = settings.TRATO_ROLES
    signature = "trato_index_slot(text, text, int)"
    statements: list[Any] = [INDEX_SLOT, f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC"]
    if roles.get("app"):
        statements.append(f'GRANT EXECUTE ON FUNCTION {signature} TO "{roles["app"]}"')
    return migrations.RunSQL(statements, migrations.RunSQL.noop)


def comment_search() -> migrations.RunSQL:
    """The index over the words of comments, and the function that asks it."""
    made: list[Any] = [COMMENT_INDEX, COMMENT_SEARCH, *_handed_over("trato_comment_search(tsquery, uuid, int)")]
    return migrations.RunSQL(made, migrations.RunSQL.noop)
