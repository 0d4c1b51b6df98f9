//! The steps about sessions, each a statement.

use sqlx::postgres::PgRow;
use sqlx::query;

use super::{Server, column, one};
use crate::session::id::SessionKey;
use crate::session::record::SessionRecord;
use crate::session::sql::fault;
use crate::session::sql::row::{self, ReadSession, Session, limit, number, until};
use crate::session::store::{Created, Loaded, Owned, Rotated, StoreError, StoreErrorKind, Updated};

impl Server {
    pub(in crate::session::sql) async fn create(
        &self,
        key: &SessionKey,
        record: &SessionRecord,
    ) -> Result<Created, StoreError> {
        let session = Session::from(record);
        let create = || {
            let create = query("SELECT cookie_policy_create($1, $2, $3, $4, $5, $6)").bind(*key.as_bytes());
            let create = create.bind(session.owner).bind(session.epoch).bind(session.seen);
            create.bind(session.deadline).bind(&session.bytes[..])
        };
        match self.write(create).await? {
            0 => Ok(Created::Yes),
            3 => Ok(Created::Duplicate),
            4 => Ok(Created::Revoked),
            _ => Err(odd()),
        }
    }

    pub(in crate::session::sql) async fn load(
        &self,
        key: &SessionKey,
        now: u32,
    ) -> Result<Loaded, StoreError> {
        let load = || {
            let load = query(
                "SELECT s.revision, s.epoch, s.seen, s.deadline, s.record, k.leads_to IS NOT NULL
                 FROM cookie_policy_sessions k
                 LEFT JOIN cookie_policy_sessions s ON s.id = coalesce(k.leads_to, k.id)
                     AND (k.leads_to IS NULL OR k.grace > $2) AND s.record IS NOT NULL AND s.deadline > $2
                     AND s.epoch >= coalesce((SELECT epoch FROM cookie_policy_owners WHERE owner = s.owner), 0)
                 WHERE k.key = $1 AND k.deadline > $2",
            );
            load.bind(*key.as_bytes()).bind(i64::from(now))
        };
        let rows = self.read(load).await?;
        let Some(row) = rows.first() else { return Ok(Loaded::Absent) };
        if column::<Option<i64>>(row, 0)?.is_none() {
            return Ok(Loaded::Ended);
        }
        let stored = read(row)?.stored()?;
        Ok(if column(row, 5)? { Loaded::Rotated(stored) } else { Loaded::Live(stored) })
    }

    pub(in crate::session::sql) async fn update(
        &self,
        key: &SessionKey,
        expected: u64,
        record: &SessionRecord,
        now: u32,
    ) -> Result<Updated, StoreError> {
        let session = Session::from(record);
        // In one statement, where the session is still its owner's and nobody else was faster. It needs no lock of the owner's: who
        // ends the owner's sessions waits for the row and ends what is then there, or has changed it before.
        let update = || {
            let update = query(
                "WITH updated AS (
                     UPDATE cookie_policy_sessions SET revision = revision + 1, epoch = $3, seen = greatest(seen, $4),
                         deadline = greatest(deadline, $5), record = $6
                     WHERE key = $1 AND revision = $2 AND record IS NOT NULL AND deadline > $8
                         AND owner IS NOT DISTINCT FROM $7
                         AND $3 >= coalesce((SELECT epoch FROM cookie_policy_owners WHERE owner = $7), 0)
                     RETURNING 1)
                 SELECT EXISTS (SELECT FROM updated)",
            );
            let update = update.bind(*key.as_bytes()).bind(number(expected)).bind(session.epoch);
            let update = update.bind(session.seen).bind(session.deadline).bind(&session.bytes[..]);
            update.bind(session.owner).bind(i64::from(now))
        };
        if self.write(update).await? {
            return Ok(Updated::Yes);
        }
        let update = || {
            let update = query("SELECT cookie_policy_update($1, $2, $3, $4, $5, $6, $7, $8)");
            let update = update.bind(*key.as_bytes()).bind(number(expected)).bind(session.owner);
            let update = update.bind(session.epoch).bind(session.seen).bind(session.deadline);
            update.bind(&session.bytes[..]).bind(i64::from(now))
        };
        updated(self.write(update).await?)
    }

    pub(in crate::session::sql) async fn touch(
        &self,
        key: &SessionKey,
        seen: u32,
        deadline: u32,
        now: u32,
    ) -> Result<bool, StoreError> {
        let touch = || {
            let touch = query(
                "WITH touched AS (
                     UPDATE cookie_policy_sessions SET seen = greatest(seen, $2), deadline = greatest(deadline, $3)
                     WHERE key = $1 AND record IS NOT NULL AND deadline > $4 RETURNING 1)
                 SELECT EXISTS (SELECT FROM touched)",
            );
            touch.bind(*key.as_bytes()).bind(i64::from(seen)).bind(i64::from(deadline)).bind(i64::from(now))
        };
        self.write(touch).await
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
        let rotate = || {
            let rotate = query("SELECT cookie_policy_rotate($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)");
            let rotate = rotate.bind(*old.as_bytes()).bind(number(expected)).bind(*new.as_bytes());
            let rotate = rotate.bind(session.owner).bind(session.epoch).bind(session.seen);
            let rotate = rotate.bind(session.deadline).bind(&session.bytes[..]);
            rotate.bind(i64::from(now) + i64::from(grace)).bind(i64::from(now)).bind(until(now))
        };
        match self.write(rotate).await? {
            0 => Ok(Rotated::Yes),
            1 => Ok(Rotated::Conflict),
            2 => Ok(Rotated::Gone),
            3 => Ok(Rotated::Duplicate),
            4 => Ok(Rotated::Revoked),
            _ => Err(odd()),
        }
    }

    pub(in crate::session::sql) async fn delete(
        &self,
        key: &SessionKey,
        now: u32,
    ) -> Result<bool, StoreError> {
        let delete = || {
            let delete = query("SELECT cookie_policy_delete($1, $2, $3)");
            delete.bind(*key.as_bytes()).bind(i64::from(now)).bind(until(now))
        };
        self.write(delete).await
    }

    pub(in crate::session::sql) async fn list_owner(
        &self,
        owner: &str,
        now: u32,
    ) -> Result<Vec<Owned>, StoreError> {
        let list = || {
            let list = query(
                "SELECT revision, epoch, seen, deadline, record, key FROM cookie_policy_sessions
                 WHERE owner = $1 AND record IS NOT NULL AND deadline > $2
                     AND epoch >= coalesce((SELECT epoch FROM cookie_policy_owners WHERE owner = $1), 0)",
            );
            list.bind(owner).bind(i64::from(now))
        };
        let rows = self.read(list).await?;
        let mut listed = Vec::with_capacity(rows.len());
        for row in &rows {
            let key = SessionKey::from_bytes(row::key(column(row, 5)?)?);
            // What is no record any more is left out.
            if let Ok(stored) = read(row)?.stored() {
                listed.push(Owned::new(key, stored.record));
            }
        }
        Ok(listed)
    }

    pub(in crate::session::sql) async fn epoch(&self, owner: &str) -> Result<u64, StoreError> {
        let epoch = "SELECT coalesce((SELECT epoch FROM cookie_policy_owners WHERE owner = $1), 0)";
        let rows = self.read(|| query(epoch).bind(owner)).await?;
        row::count(column(one(&rows)?, 0)?)
    }

    pub(in crate::session::sql) async fn end_owner(
        &self,
        owner: &str,
        except: Option<&SessionKey>,
        now: u32,
    ) -> Result<usize, StoreError> {
        let end = || {
            let end = query("SELECT cookie_policy_end_owner($1, $2, $3, $4)").bind(owner);
            end.bind(except.map(|key| *key.as_bytes())).bind(i64::from(now)).bind(until(now))
        };
        row::rows(self.write(end).await?)
    }

    pub(in crate::session::sql) async fn purge(&self, now: u32, most: usize) -> Result<usize, StoreError> {
        let purge = || query("SELECT cookie_policy_purge($1, $2)").bind(i64::from(now)).bind(limit(most));
        row::rows(self.write(purge).await?)
    }
}

/// What a function that updates answers.
pub(super) fn updated(answer: i32) -> Result<Updated, StoreError> {
    match answer {
        0 => Ok(Updated::Yes),
        1 => Ok(Updated::Conflict),
        2 => Ok(Updated::Gone),
        _ => Err(odd()),
    }
}

fn odd() -> StoreError {
    fault::failed(StoreErrorKind::Corrupt, "a function of the database is not this store's")
}

fn read(row: &PgRow) -> Result<ReadSession, StoreError> {
    Ok(ReadSession {
        revision: column(row, 0)?,
        epoch: column(row, 1)?,
        seen: column(row, 2)?,
        deadline: column(row, 3)?,
        bytes: column(row, 4)?,
    })
}
