-- Version 1 of the tables of tower-cookie-policy: sessions and remembered logins.
--
-- `SqlStore` applies it by itself, in one transaction. By hand: psql -1 -v ON_ERROR_STOP=1 -f 0001_sessions.sql
--
-- Times are Unix seconds in UTC, by the clock of the policy (`at`) and not of the database.
--
-- Each step that writes is one function, and takes its locks in this order: the owner's, then rows. Of two steps about one
-- owner's sessions the second sees what the first has done, since each statement of a function looks anew under
-- READ COMMITTED; under another level of isolation it would not, so the functions refuse.

DO $$
BEGIN
    IF current_setting('server_encoding') <> 'UTF8' THEN
        RAISE EXCEPTION 'the names of owners need a database in UTF8' USING ERRCODE = 'feature_not_supported';
    END IF;
END
$$;

-- The versions that were applied; the highest counts.
CREATE TABLE cookie_policy_schema (
    version integer NOT NULL PRIMARY KEY
);

-- A row with a record is a session. One without is a key that was a session's, until `deadline`: it answers that the
-- session has ended, and until `grace` it may be read as the session with the id `leads_to`.
CREATE TABLE cookie_policy_sessions (
    -- Never used again, since a renewed key may lead to it still.
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    leads_to bigint,
    grace bigint,
    revision bigint NOT NULL DEFAULT 0,
    -- Those three are later than what the record says where they differ.
    epoch bigint NOT NULL DEFAULT 0,
    seen bigint NOT NULL DEFAULT 0,
    -- The first second at which the row does not count any more and may be forgotten.
    deadline bigint NOT NULL,
    -- The SHA-256 of the id in the cookie.
    key bytea NOT NULL CHECK (length(key) = 32),
    -- NULL for a visitor who is not signed in. Compared byte by byte.
    owner text COLLATE "C",
    record bytea
);

CREATE UNIQUE INDEX cookie_policy_sessions_key ON cookie_policy_sessions (key);
CREATE INDEX cookie_policy_sessions_deadline ON cookie_policy_sessions (deadline);
CREATE INDEX cookie_policy_sessions_owner ON cookie_policy_sessions (owner) WHERE owner IS NOT NULL;
CREATE INDEX cookie_policy_sessions_leads_to ON cookie_policy_sessions (leads_to) WHERE leads_to IS NOT NULL;

-- Whoever has ended all their sessions, and how often. Without a row it is 0. Rows stay: were one forgotten, a session that
-- was ended could be written again.
CREATE TABLE cookie_policy_owners (
    owner text COLLATE "C" NOT NULL PRIMARY KEY,
    epoch bigint NOT NULL
);

-- Remembered logins.
CREATE TABLE cookie_policy_series (
    -- The SHA-256 of what names it in the cookie.
    key bytea NOT NULL PRIMARY KEY CHECK (length(key) = 32),
    revision bigint NOT NULL,
    -- Later than what the record says where it differs.
    epoch bigint NOT NULL,
    -- The first second at which it does not count any more.
    ends bigint NOT NULL,
    -- Whether it was found out to be stolen.
    stolen boolean NOT NULL,
    owner text COLLATE "C" NOT NULL,
    record bytea NOT NULL
);

CREATE INDEX cookie_policy_series_ends ON cookie_policy_series (ends);
CREATE INDEX cookie_policy_series_owner ON cookie_policy_series (owner, ends);

-- Lets nobody else at the owner's rows until the transaction ends, and says the owner's epoch. The lock's number is a hash of
-- the name: two owners who share one wait for each other, and no more.
CREATE FUNCTION cookie_policy_lock(of_owner text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    present bigint;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'the steps of the store need READ COMMITTED' USING ERRCODE = 'invalid_transaction_state';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended(of_owner COLLATE "C", 1795455792));
    SELECT epoch INTO present FROM cookie_policy_owners WHERE owner = of_owner;
    RETURN coalesce(present, 0);
END
$$;

-- At most 1000 sessions of one owner, whose lock is held: of more, those that were seen longest ago go, but not this one.
CREATE FUNCTION cookie_policy_bound(of_owner text, but bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    surplus bigint;
BEGIN
    SELECT count(*) - 1000 INTO surplus FROM cookie_policy_sessions WHERE owner = of_owner;
    IF surplus > 0 THEN
        DELETE FROM cookie_policy_sessions WHERE id = ANY (ARRAY(
            SELECT id FROM cookie_policy_sessions WHERE owner = of_owner AND id <> but ORDER BY seen, id LIMIT surplus));
    END IF;
END
$$;

-- Answers of the steps: 0 done, 1 conflict, 2 gone, 3 duplicate, 4 revoked.

CREATE FUNCTION cookie_policy_create(
    new_key bytea, of_owner text, in_epoch bigint, was_seen bigint, ends bigint, body bytea
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    present bigint;
    made bigint;
BEGIN
    IF of_owner IS NOT NULL THEN
        present := cookie_policy_lock(of_owner);
    END IF;
    IF EXISTS (SELECT FROM cookie_policy_sessions WHERE key = new_key) THEN
        RETURN 3;
    END IF;
    IF in_epoch < present THEN
        RETURN 4;
    END IF;
    INSERT INTO cookie_policy_sessions (key, revision, epoch, seen, deadline, owner, record)
    VALUES (new_key, 1, in_epoch, was_seen, ends, of_owner, body)
    ON CONFLICT (key) DO NOTHING RETURNING id INTO made;
    IF made IS NULL THEN
        RETURN 3;
    END IF;
    IF of_owner IS NOT NULL THEN
        PERFORM cookie_policy_bound(of_owner, made);
    END IF;
    RETURN 0;
END
$$;

CREATE FUNCTION cookie_policy_update(
    at_key bytea, expected bigint, of_owner text, in_epoch bigint, was_seen bigint, ends bigint, body bytea, at bigint
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    present bigint;
    held record;
BEGIN
    IF of_owner IS NOT NULL THEN
        present := cookie_policy_lock(of_owner);
    END IF;
    SELECT s.id, s.revision, s.owner INTO held FROM cookie_policy_sessions s
    WHERE s.key = at_key AND s.record IS NOT NULL AND s.deadline > at FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 2;
    END IF;
    IF held.revision <> expected THEN
        RETURN 1;
    END IF;
    IF in_epoch < present THEN
        RETURN 2;
    END IF;
    UPDATE cookie_policy_sessions SET revision = revision + 1, epoch = in_epoch, seen = greatest(seen, was_seen),
        deadline = greatest(deadline, ends), owner = of_owner, record = body
    WHERE id = held.id;
    IF of_owner IS DISTINCT FROM held.owner AND of_owner IS NOT NULL THEN
        PERFORM cookie_policy_bound(of_owner, held.id);
    END IF;
    RETURN 0;
END
$$;

CREATE FUNCTION cookie_policy_rotate(
    old_key bytea, expected bigint, new_key bytea, of_owner text, in_epoch bigint, was_seen bigint, ends bigint,
    body bytea, graceful bigint, at bigint, until bigint
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    present bigint;
    held record;
BEGIN
    IF of_owner IS NOT NULL THEN
        present := cookie_policy_lock(of_owner);
    END IF;
    SELECT s.id, s.revision, s.owner INTO held FROM cookie_policy_sessions s
    WHERE s.key = old_key AND s.record IS NOT NULL AND s.deadline > at FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 2;
    END IF;
    IF held.revision <> expected THEN
        RETURN 1;
    END IF;
    IF EXISTS (SELECT FROM cookie_policy_sessions WHERE key = new_key) THEN
        RETURN 3;
    END IF;
    IF in_epoch < present THEN
        RETURN 4;
    END IF;
    BEGIN
        -- Of two times the later one does not stay here: a sign-in begins anew.
        UPDATE cookie_policy_sessions SET key = new_key, revision = revision + 1, epoch = in_epoch, seen = was_seen,
            deadline = ends, owner = of_owner, record = body
        WHERE id = held.id;
    EXCEPTION WHEN unique_violation THEN
        RETURN 3;
    END;
    -- Keys from before lead on no longer than this one does.
    UPDATE cookie_policy_sessions SET leads_to = CASE WHEN graceful > at THEN leads_to END, grace = least(grace, graceful)
    WHERE leads_to = held.id;
    INSERT INTO cookie_policy_sessions (key, leads_to, grace, deadline)
    VALUES (old_key, CASE WHEN graceful > at THEN held.id END, graceful, until);
    IF of_owner IS DISTINCT FROM held.owner AND of_owner IS NOT NULL THEN
        PERFORM cookie_policy_bound(of_owner, held.id);
    END IF;
    RETURN 0;
END
$$;

CREATE FUNCTION cookie_policy_delete(at_key bytea, at bigint, until bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    target bigint;
BEGIN
    SELECT coalesce(leads_to, id) INTO target FROM cookie_policy_sessions WHERE key = at_key;
    PERFORM FROM cookie_policy_sessions WHERE id = target FOR UPDATE;
    -- Whoever moves or ends the session has its row locked, so what the key leads to now stays.
    UPDATE cookie_policy_sessions s SET record = NULL, owner = NULL, leads_to = NULL, grace = NULL, deadline = until
    FROM cookie_policy_sessions k
    WHERE k.key = at_key AND (k.leads_to IS NULL OR k.grace > at) AND coalesce(k.leads_to, k.id) = target
        AND s.id = target AND s.record IS NOT NULL AND s.deadline > at;
    RETURN FOUND;
END
$$;

CREATE FUNCTION cookie_policy_end_owner(of_owner text, but_key bytea, at bigint, until bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    raised bigint;
    spared bigint;
    ended bigint;
BEGIN
    raised := cookie_policy_lock(of_owner) + 1;
    INSERT INTO cookie_policy_owners (owner, epoch) VALUES (of_owner, raised)
    ON CONFLICT (owner) DO UPDATE SET epoch = excluded.epoch;
    SELECT coalesce(leads_to, id) INTO spared FROM cookie_policy_sessions
    WHERE key = but_key AND (leads_to IS NULL OR grace > at);
    UPDATE cookie_policy_sessions SET epoch = greatest(epoch, raised), revision = revision + 1
    WHERE id = spared AND owner = of_owner;
    UPDATE cookie_policy_sessions SET record = NULL, owner = NULL, leads_to = NULL, grace = NULL, deadline = until
    WHERE owner = of_owner AND id IS DISTINCT FROM spared AND deadline > at;
    GET DIAGNOSTICS ended = ROW_COUNT;
    DELETE FROM cookie_policy_sessions WHERE owner = of_owner AND id IS DISTINCT FROM spared;
    RETURN ended;
END
$$;

-- What others have locked is left to them. Those that are over first go first.
CREATE FUNCTION cookie_policy_purge(at bigint, most bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    purged bigint;
BEGIN
    DELETE FROM cookie_policy_sessions WHERE id = ANY (ARRAY(
        SELECT id FROM cookie_policy_sessions WHERE deadline <= at ORDER BY deadline LIMIT most FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS purged = ROW_COUNT;
    RETURN purged;
END
$$;

CREATE FUNCTION cookie_policy_create_series(
    new_key bytea, of_owner text, in_epoch bigint, until bigint, is_stolen boolean, body bytea, at bigint
) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    surplus bigint;
BEGIN
    PERFORM cookie_policy_lock(of_owner);
    INSERT INTO cookie_policy_series AS s (key, revision, epoch, ends, stolen, owner, record)
    VALUES (new_key, 1, in_epoch, until, is_stolen, of_owner, body)
    ON CONFLICT (key) DO UPDATE SET revision = 1, epoch = in_epoch, ends = until, stolen = is_stolen, owner = of_owner,
        record = body
    WHERE s.ends <= at;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    SELECT count(*) - 100 INTO surplus FROM cookie_policy_series WHERE owner = of_owner;
    IF surplus > 0 THEN
        DELETE FROM cookie_policy_series WHERE key = ANY (ARRAY(
            SELECT key FROM cookie_policy_series WHERE owner = of_owner AND key <> new_key ORDER BY ends, key LIMIT surplus));
    END IF;
    RETURN true;
END
$$;

-- It takes no lock of an owner's: owner and end stay, and the row is locked.
CREATE FUNCTION cookie_policy_update_series(
    at_key bytea, expected bigint, of_owner text, in_epoch bigint, until bigint, is_stolen boolean, body bytea, at bigint
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    present bigint;
BEGIN
    SELECT revision INTO present FROM cookie_policy_series WHERE key = at_key AND ends > at FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 2;
    END IF;
    IF present <> expected THEN
        RETURN 1;
    END IF;
    UPDATE cookie_policy_series SET revision = revision + 1, epoch = in_epoch, ends = until, stolen = is_stolen,
        owner = of_owner, record = body
    WHERE key = at_key;
    RETURN 0;
END
$$;

CREATE FUNCTION cookie_policy_end_series(of_owner text, but_key bytea, but_epoch bigint, at bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    ended bigint;
BEGIN
    PERFORM cookie_policy_lock(of_owner);
    UPDATE cookie_policy_series SET epoch = greatest(epoch, but_epoch), revision = revision + 1
    WHERE key = but_key AND owner = of_owner AND NOT stolen AND ends > at;
    WITH gone AS (
        DELETE FROM cookie_policy_series
        WHERE owner = of_owner AND NOT stolen AND (key IS DISTINCT FROM but_key OR ends <= at) RETURNING ends
    )
    SELECT count(*) FILTER (WHERE ends > at) INTO ended FROM gone;
    RETURN ended;
END
$$;

-- Where all that it finds is locked by others, it waits for one: 0 means that none is left.
CREATE FUNCTION cookie_policy_purge_series(at bigint, most bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    purged bigint;
BEGIN
    DELETE FROM cookie_policy_series WHERE key = ANY (ARRAY(
        SELECT key FROM cookie_policy_series WHERE ends <= at ORDER BY ends LIMIT most FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS purged = ROW_COUNT;
    IF purged = 0 AND most > 0 THEN
        DELETE FROM cookie_policy_series WHERE key = ANY (ARRAY(
            SELECT key FROM cookie_policy_series WHERE ends <= at ORDER BY ends LIMIT 1 FOR UPDATE));
        GET DIAGNOSTICS purged = ROW_COUNT;
    END IF;
    RETURN purged;
END
$$;

INSERT INTO cookie_policy_schema (version) VALUES (1);
