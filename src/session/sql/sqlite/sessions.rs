//! The steps about sessions, each a transaction.

use sqlx::query;
use sqlx::sqlite::SqliteRow;

use super::owners::epoch;
use super::writer::Turn;
use super::{File, column, failed};
use crate::session::id::SessionKey;
use crate::session::record::SessionRecord;
use crate::session::sql::row::{ReadSession, Session, limit, number, until};
use crate::session::store::{Created, Loaded, Rotated, StoreError, Updated};

impl File {
    pub(in crate::session::sql) async fn create(
        &self,
        key: &SessionKey,
        record: &SessionRecord,
    ) -> Result<Created, StoreError> {
        let session = Session::from(record);
        let mut turn = self.there()?.writer.begin().await?;
        let (is_used, epoch) = turn.judged(key, session.owner).await?;
        if is_used {
            return turn.leave(Created::Duplicate).await;
        }
        if session.epoch < epoch {
            return turn.leave(Created::Revoked).await;
        }
        let insert = query(
            "INSERT INTO cookie_policy_sessions (key, revision, epoch, seen, deadline, owner, record)
             VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6)",
        );
        let insert = insert.bind(&key.as_bytes()[..]).bind(session.epoch).bind(session.seen);
        let insert = insert.bind(session.deadline).bind(session.owner).bind(session.bytes);
        let made = insert.execute(turn.connection()?).await.map_err(failed)?.last_insert_rowid();
        turn.bound(session.owner, made).await?;
        turn.leave(Created::Yes).await
    }

    pub(in crate::session::sql) async fn load(
        &self,
        key: &SessionKey,
        now: u32,
    ) -> Result<Loaded, StoreError> {
        let load = query(
            "SELECT s.revision, s.epoch, s.seen, s.deadline, s.record, k.leads_to IS NOT NULL
             FROM cookie_policy_sessions k
             LEFT JOIN cookie_policy_sessions s ON s.id = coalesce(k.leads_to, k.id)
                 AND (k.leads_to IS NULL OR k.grace > ?2) AND s.record IS NOT NULL AND s.deadline > ?2
                 AND s.epoch >= coalesce((SELECT epoch FROM cookie_policy_owners WHERE owner = s.owner), 0)
             WHERE k.key = ?1 AND k.deadline > ?2",
        );
        let load = load.bind(&key.as_bytes()[..]).bind(now);
        let Some(row) = load.fetch_optional(&self.there()?.readers).await.map_err(failed)? else {
            return Ok(Loaded::Absent);
        };
        if column::<Option<i64>>(&row, 0)?.is_none() {
            return Ok(Loaded::Ended);
        }
        let stored = read(&row)?.stored()?;
        Ok(if column(&row, 5)? { Loaded::Rotated(stored) } else { Loaded::Live(stored) })
    }

    pub(in crate::session::sql) async fn update(
        &self,
        key: &SessionKey,
        expected: u64,
        record: &SessionRecord,
        now: u32,
    ) -> Result<Updated, StoreError> {
        let session = Session::from(record);
        let mut turn = self.there()?.writer.alone().await?;
        // In one statement, where the session is still its owner's and nobody else was faster.
        let update = query(
            "UPDATE cookie_policy_sessions SET revision = revision + 1, epoch = ?3, seen = max(seen, ?4),
                 deadline = max(deadline, ?5), record = ?6
             WHERE key = ?1 AND revision = ?2 AND record IS NOT NULL AND deadline > ?8 AND owner IS ?7
                 AND ?3 >= coalesce((SELECT epoch FROM cookie_policy_owners WHERE owner = ?7), 0)",
        );
        let update = update.bind(&key.as_bytes()[..]).bind(number(expected)).bind(session.epoch);
        let update = update.bind(session.seen).bind(session.deadline).bind(&session.bytes[..]);
        if turn.change_alone(update.bind(session.owner).bind(now)).await? > 0 {
            return Ok(Updated::Yes);
        }
        let mut turn = turn.begun().await?;
        let Some(held) = turn.held(key, now).await? else { return turn.leave(Updated::Gone).await };
        if held.revision != number(expected) {
            return turn.leave(Updated::Conflict).await;
        }
        if session.epoch < epoch(turn.connection()?, session.owner).await? {
            return turn.leave(Updated::Gone).await;
        }
        let update = query(
            "UPDATE cookie_policy_sessions SET revision = revision + 1, epoch = ?2, seen = max(seen, ?3),
                 deadline = max(deadline, ?4), owner = ?5, record = ?6 WHERE id = ?1",
        );
        let update = update.bind(held.id).bind(session.epoch).bind(session.seen).bind(session.deadline);
        let update = update.bind(session.owner).bind(session.bytes);
        turn.change(update).await?;
        if session.owner != held.owner.as_deref() {
            turn.bound(session.owner, held.id).await?;
        }
        turn.leave(Updated::Yes).await
    }

    pub(in crate::session::sql) async fn touch(
        &self,
        key: &SessionKey,
        seen: u32,
        deadline: u32,
        now: u32,
    ) -> Result<bool, StoreError> {
        let mut turn = self.there()?.writer.alone().await?;
        let touch = query(
            "UPDATE cookie_policy_sessions SET seen = max(seen, ?2), deadline = max(deadline, ?3)
             WHERE key = ?1 AND record IS NOT NULL AND deadline > ?4",
        );
        let touch = touch.bind(&key.as_bytes()[..]).bind(seen).bind(deadline).bind(now);
        Ok(turn.change_alone(touch).await? > 0)
    }

    pub(in crate::session::sql) async fn rotate(
        &self,
        old: &SessionKey,
        expected: u64,
        new: &SessionKey,
        record: &SessionRecord,
        grace: u32,
        now: u32,
    ) -> Result<Rotated, StoreError> {
        let session = Session::from(record);
        let mut turn = self.there()?.writer.begin().await?;
        let Some(held) = turn.held(old, now).await? else { return turn.leave(Rotated::Gone).await };
        if held.revision != number(expected) {
            return turn.leave(Rotated::Conflict).await;
        }
        let (is_used, epoch) = turn.judged(new, session.owner).await?;
        if is_used {
            return turn.leave(Rotated::Duplicate).await;
        }
        if session.epoch < epoch {
            return turn.leave(Rotated::Revoked).await;
        }
        let update = query(
            "UPDATE cookie_policy_sessions SET key = ?2, revision = revision + 1, epoch = ?3, seen = ?4, deadline = ?5,
                 owner = ?6, record = ?7 WHERE id = ?1",
        );
        let update = update.bind(held.id).bind(&new.as_bytes()[..]).bind(session.epoch).bind(session.seen);
        let update = update.bind(session.deadline).bind(session.owner).bind(session.bytes);
        turn.change(update).await?;
        let leads_to = (grace > 0).then_some(held.id);
        let graceful = now.saturating_add(grace);
        // Keys from before lead on no longer than this one does.
        let before = query(
            "UPDATE cookie_policy_sessions SET leads_to = ?2, grace = min(grace, ?3) WHERE leads_to = ?1",
        );
        let before = before.bind(held.id).bind(leads_to).bind(graceful);
        turn.change(before).await?;
        let mark = query(
            "INSERT INTO cookie_policy_sessions (key, leads_to, grace, deadline) VALUES (?1, ?2, ?3, ?4)",
        );
        let mark = mark.bind(&old.as_bytes()[..]).bind(leads_to).bind(graceful).bind(until(now));
        turn.change(mark).await?;
        if session.owner != held.owner.as_deref() {
            turn.bound(session.owner, held.id).await?;
        }
        turn.leave(Rotated::Yes).await
    }

    pub(in crate::session::sql) async fn delete(
        &self,
        key: &SessionKey,
        now: u32,
    ) -> Result<bool, StoreError> {
        let mut turn = self.there()?.writer.alone().await?;
        let delete = query(
            "UPDATE cookie_policy_sessions SET record = NULL, owner = NULL, leads_to = NULL, grace = NULL, deadline = ?3
             WHERE id = (SELECT coalesce(leads_to, id) FROM cookie_policy_sessions
                         WHERE key = ?1 AND (leads_to IS NULL OR grace > ?2))
                 AND record IS NOT NULL AND deadline > ?2",
        );
        let delete = delete.bind(&key.as_bytes()[..]).bind(now).bind(until(now));
        Ok(turn.change_alone(delete).await? > 0)
    }

    pub(in crate::session::sql) async fn purge(&self, now: u32, most: usize) -> Result<usize, StoreError> {
        let mut turn = self.there()?.writer.alone().await?;
        let purge = query(
            "DELETE FROM cookie_policy_sessions WHERE id IN
                 (SELECT id FROM cookie_policy_sessions WHERE deadline <= ?1 ORDER BY deadline LIMIT ?2)",
        );
        let purge = purge.bind(now).bind(limit(most));
        let purged = turn.change_alone(purge).await?;
        drop(turn);
        self.put_by().await;
        Ok(usize::try_from(purged).unwrap_or(usize::MAX))
    }
}

/// The session under a key, as far as a step goes by it.
struct Held {
    id: i64,
    revision: i64,
    owner: Option<String>,
}

impl Turn {
    async fn held(&mut self, key: &SessionKey, now: u32) -> Result<Option<Held>, StoreError> {
        let held = query(
            "SELECT id, revision, owner FROM cookie_policy_sessions
             WHERE key = ?1 AND record IS NOT NULL AND deadline > ?2",
        );
        let held = held.bind(&key.as_bytes()[..]).bind(now);
        let Some(row) = held.fetch_optional(self.connection()?).await.map_err(failed)? else {
            return Ok(None);
        };
        Ok(Some(Held { id: column(&row, 0)?, revision: column(&row, 1)?, owner: column(&row, 2)? }))
    }

    /// Whether a new key was used before, and the owner's epoch.
    async fn judged(&mut self, key: &SessionKey, owner: Option<&str>) -> Result<(bool, i64), StoreError> {
        let judge = query(
            "SELECT EXISTS (SELECT 1 FROM cookie_policy_sessions WHERE key = ?1),
                 coalesce((SELECT epoch FROM cookie_policy_owners WHERE owner = ?2), 0)",
        );
        let judge = judge.bind(&key.as_bytes()[..]).bind(owner);
        let row = judge.fetch_one(self.connection()?).await.map_err(failed)?;
        Ok((column(&row, 0)?, column(&row, 1)?))
    }

    /// Of more than 1000 sessions of one owner those that were seen longest ago go, but not the one of this id.
    async fn bound(&mut self, owner: Option<&str>, but: i64) -> Result<(), StoreError> {
        let Some(owner) = owner else { return Ok(()) };
        let bound = query(
            "DELETE FROM cookie_policy_sessions WHERE id IN
                 (SELECT id FROM cookie_policy_sessions WHERE owner = ?1 AND id <> ?2
                  ORDER BY seen DESC, id DESC LIMIT -1 OFFSET 999)",
        );
        bound.bind(owner).bind(but).execute(self.connection()?).await.map_err(failed)?;
        Ok(())
    }
}

pub(super) fn read(row: &SqliteRow) -> Result<ReadSession, StoreError> {
    Ok(ReadSession {
        revision: column(row, 0)?,
        epoch: column(row, 1)?,
        seen: column(row, 2)?,
        deadline: column(row, 3)?,
        bytes: column(row, 4)?,
    })
}
