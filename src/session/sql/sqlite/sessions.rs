//! The steps about sessions, each a transaction.

use sqlx::query;
use sqlx::sqlite::SqliteRow;

use super::owners::epoch;
use super::{File, Writing, column, failed};
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
        let mut writing = self.write().await?;
        let (is_used, epoch) = writing.judged(key, session.owner.as_deref()).await?;
        if is_used {
            return writing.leave(Created::Duplicate).await;
        }
        if session.epoch < epoch {
            return writing.leave(Created::Revoked).await;
        }
        let insert = query(
            "INSERT INTO cookie_policy_sessions (key, revision, epoch, seen, deadline, owner, record)
             VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6)",
        );
        let insert = insert.bind(&key.as_bytes()[..]).bind(session.epoch).bind(session.seen);
        let insert = insert.bind(session.deadline).bind(session.owner.as_deref()).bind(session.bytes);
        let made = insert.execute(&mut *writing.connection).await.map_err(failed)?.last_insert_rowid();
        writing.bound(session.owner.as_deref(), made).await?;
        writing.leave(Created::Yes).await
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
             WHERE k.key = ?1 AND k.deadline > ?2",
        );
        let load = load.bind(&key.as_bytes()[..]).bind(now);
        let Some(row) = load.fetch_optional(&self.readers).await.map_err(failed)? else {
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
        let mut writing = self.write().await?;
        let Some(held) = writing.held(key, now).await? else { return writing.leave(Updated::Gone).await };
        if held.revision != number(expected) {
            return writing.leave(Updated::Conflict).await;
        }
        if session.epoch < epoch(&mut writing.connection, session.owner.as_deref()).await? {
            return writing.leave(Updated::Gone).await;
        }
        let update = query(
            "UPDATE cookie_policy_sessions SET revision = revision + 1, epoch = ?2, seen = max(seen, ?3),
                 deadline = max(deadline, ?4), owner = ?5, record = ?6 WHERE id = ?1",
        );
        let update = update.bind(held.id).bind(session.epoch).bind(session.seen).bind(session.deadline);
        let update = update.bind(session.owner.as_deref()).bind(session.bytes);
        update.execute(&mut *writing.connection).await.map_err(failed)?;
        if session.owner != held.owner {
            writing.bound(session.owner.as_deref(), held.id).await?;
        }
        writing.leave(Updated::Yes).await
    }

    pub(in crate::session::sql) async fn touch(
        &self,
        key: &SessionKey,
        seen: u32,
        deadline: u32,
        now: u32,
    ) -> Result<bool, StoreError> {
        let mut writing = self.write().await?;
        let touch = query(
            "UPDATE cookie_policy_sessions SET seen = max(seen, ?2), deadline = max(deadline, ?3)
             WHERE key = ?1 AND record IS NOT NULL AND deadline > ?4",
        );
        let touch = touch.bind(&key.as_bytes()[..]).bind(seen).bind(deadline).bind(now);
        let touched = touch.execute(&mut *writing.connection).await.map_err(failed)?.rows_affected();
        writing.leave(touched > 0).await
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
        let mut writing = self.write().await?;
        let Some(held) = writing.held(old, now).await? else { return writing.leave(Rotated::Gone).await };
        if held.revision != number(expected) {
            return writing.leave(Rotated::Conflict).await;
        }
        let (is_used, epoch) = writing.judged(new, session.owner.as_deref()).await?;
        if is_used {
            return writing.leave(Rotated::Duplicate).await;
        }
        if session.epoch < epoch {
            return writing.leave(Rotated::Revoked).await;
        }
        let update = query(
            "UPDATE cookie_policy_sessions SET key = ?2, revision = revision + 1, epoch = ?3, seen = ?4, deadline = ?5,
                 owner = ?6, record = ?7 WHERE id = ?1",
        );
        let update = update.bind(held.id).bind(&new.as_bytes()[..]).bind(session.epoch).bind(session.seen);
        let update = update.bind(session.deadline).bind(session.owner.as_deref()).bind(session.bytes);
        update.execute(&mut *writing.connection).await.map_err(failed)?;
        let leads_to = (grace > 0).then_some(held.id);
        let graceful = now.saturating_add(grace);
        // Keys from before lead on no longer than this one does.
        let before = query(
            "UPDATE cookie_policy_sessions SET leads_to = ?2, grace = min(grace, ?3) WHERE leads_to = ?1",
        );
        let before = before.bind(held.id).bind(leads_to).bind(graceful);
        before.execute(&mut *writing.connection).await.map_err(failed)?;
        let mark = query(
            "INSERT INTO cookie_policy_sessions (key, leads_to, grace, deadline) VALUES (?1, ?2, ?3, ?4)",
        );
        let mark = mark.bind(&old.as_bytes()[..]).bind(leads_to).bind(graceful).bind(until(now));
        mark.execute(&mut *writing.connection).await.map_err(failed)?;
        if session.owner != held.owner {
            writing.bound(session.owner.as_deref(), held.id).await?;
        }
        writing.leave(Rotated::Yes).await
    }

    pub(in crate::session::sql) async fn delete(
        &self,
        key: &SessionKey,
        now: u32,
    ) -> Result<bool, StoreError> {
        let mut writing = self.write().await?;
        let delete = query(
            "UPDATE cookie_policy_sessions SET record = NULL, owner = NULL, leads_to = NULL, grace = NULL, deadline = ?3
             WHERE id = (SELECT coalesce(leads_to, id) FROM cookie_policy_sessions
                         WHERE key = ?1 AND (leads_to IS NULL OR grace > ?2))
                 AND record IS NOT NULL AND deadline > ?2",
        );
        let delete = delete.bind(&key.as_bytes()[..]).bind(now).bind(until(now));
        let deleted = delete.execute(&mut *writing.connection).await.map_err(failed)?.rows_affected();
        writing.leave(deleted > 0).await
    }

    pub(in crate::session::sql) async fn purge(&self, now: u32, most: usize) -> Result<usize, StoreError> {
        let mut writing = self.write().await?;
        let purge = query(
            "DELETE FROM cookie_policy_sessions WHERE id IN
                 (SELECT id FROM cookie_policy_sessions WHERE deadline <= ?1 ORDER BY deadline LIMIT ?2)",
        );
        let purge = purge.bind(now).bind(limit(most));
        let purged = purge.execute(&mut *writing.connection).await.map_err(failed)?.rows_affected();
        writing.leave(usize::try_from(purged).unwrap_or(usize::MAX)).await
    }
}

/// The session under a key, as far as a step goes by it.
struct Held {
    id: i64,
    revision: i64,
    owner: Option<String>,
}

impl Writing {
    async fn held(&mut self, key: &SessionKey, now: u32) -> Result<Option<Held>, StoreError> {
        let held = query(
            "SELECT id, revision, owner FROM cookie_policy_sessions
             WHERE key = ?1 AND record IS NOT NULL AND deadline > ?2",
        );
        let held = held.bind(&key.as_bytes()[..]).bind(now);
        let Some(row) = held.fetch_optional(&mut *self.connection).await.map_err(failed)? else {
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
        let row = judge.fetch_one(&mut *self.connection).await.map_err(failed)?;
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
        bound.bind(owner).bind(but).execute(&mut *self.connection).await.map_err(failed)?;
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
