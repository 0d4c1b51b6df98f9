-- ARGV[1] is what every key begins with, ARGV[2] the time.
local PREFIX, NOW = ARGV[1], tonumber(ARGV[2])
-- How much longer Redis keeps a key than by the policy's clock, in seconds: machines' clocks differ.
local MARGIN = 60
-- For how many seconds a mark says that a session was there.
local ENDED_FOR, LAST_SECOND = 600, 4294967295
-- Sessions and logins of one user, so that nobody who has an account can fill the store.
local MOST_SESSIONS, MOST_LOGINS = 1000, 100
-- Places in a user's index are of 52 bits: the deadline, and how many seconds before it the session was seen, in the last 20.
local SHIFT = 1048576

