-- Version 1 of the tables of tower-cookie-policy: sessions and remembered logins.
--
-- `SqlStore` applies it by itself, in one transaction. By hand: sqlite3 FILE '.read 0001_sessions.sql'
--
-- Times are Unix seconds in UTC, by the clock of the policy and not of the database.

-- The versions that were applied; the highest counts.
CREATE TABLE cookie_policy_schema (
    version INTEGER NOT NULL PRIMARY KEY
) STRICT;

-- A row with a record is a session. One without is a key that was a session's, until `deadline`: it answers that the
-- session has ended, and until `grace` it may be read as the session with the id `leads_to`.
CREATE TABLE cookie_policy_sessions (
    -- Never used again, since a renewed key may lead to it still.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- The SHA-256 of the id in the cookie.
    key BLOB NOT NULL UNIQUE CHECK (length(key) = 32),
    leads_to INTEGER,
    grace INTEGER,
    revision INTEGER NOT NULL DEFAULT 0,
    -- Those three are later than what the record says where they differ.
    epoch INTEGER NOT NULL DEFAULT 0,
    seen INTEGER NOT NULL DEFAULT 0,
    -- The first second at which the row does not count any more and may be forgotten.
    deadline INTEGER NOT NULL,
    -- NULL for a visitor who is not signed in. Compared byte by byte.
    owner TEXT COLLATE BINARY,
    record BLOB
) STRICT;

CREATE INDEX cookie_policy_sessions_deadline ON cookie_policy_sessions (deadline);
CREATE INDEX cookie_policy_sessions_owner ON cookie_policy_sessions (owner) WHERE owner IS NOT NULL;
CREATE INDEX cookie_policy_sessions_leads_to ON cookie_policy_sessions (leads_to) WHERE leads_to IS NOT NULL;

-- Whoever has ended all their sessions, and how often. Without a row it is 0. Rows stay: were one forgotten, a session that
-- was ended could be written again.
CREATE TABLE cookie_policy_owners (
    owner TEXT NOT NULL PRIMARY KEY COLLATE BINARY,
    epoch INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Remembered logins.
CREATE TABLE cookie_policy_series (
    id INTEGER PRIMARY KEY,
    -- The SHA-256 of what names it in the cookie.
    key BLOB NOT NULL UNIQUE CHECK (length(key) = 32),
    revision INTEGER NOT NULL,
    -- Later than what the record says where it differs.
    epoch INTEGER NOT NULL,
    -- The first second at which it does not count any more.
    ends INTEGER NOT NULL,
    -- Whether it was found out to be stolen, 0 or 1.
    stolen INTEGER NOT NULL,
    owner TEXT NOT NULL COLLATE BINARY,
    record BLOB NOT NULL
) STRICT;

CREATE INDEX cookie_policy_series_ends ON cookie_policy_series (ends);
CREATE INDEX cookie_policy_series_owner ON cookie_policy_series (owner, ends);

INSERT INTO cookie_policy_schema (version) VALUES (1);
