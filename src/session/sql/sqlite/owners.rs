//! The steps about all the sessions of an owner, each a transaction.

use sqlx::{SqliteConnection, query};

use super::sessions::read;
use super::{File, column, failed};
use crate::session::id::SessionKey;
use crate::session::sql::row::{self, until};
use crate::session::store::{Owned, StoreError};

impl File {
    pub(in crate::session::sql) async fn list_owner(
        &self,
        owner: &str,
        now: u32,
    ) -> Result<Vec<Owned>, StoreError> {
        let list = query(
            "SELECT revision, epoch, seen, deadline, record, key FROM cookie_policy_sessions
             WHERE owner = ?1 AND record IS NOT NULL AND deadline > ?2
                 AND epoch >= coalesce((SELECT epoch FROM cookie_policy_owners WHERE owner = ?1), 0)",
        );
        let rows = list.bind(owner).bind(now).fetch_all(&self.there()?.readers).await.map_err(failed)?;
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
        let mut reader = self.there()?.readers.acquire().await.map_err(failed)?;
        row::count(epoch(&mut reader, Some(owner)).await?)
    }

    pub(in crate::session::sql) async fn end_owner(
        &self,
        owner: &str,
        except: Option<&SessionKey>,
        now: u32,
    ) -> Result<usize, StoreError> {
        let mut turn = self.there()?.writer.begin().await?;
        let raise = query(
            "INSERT INTO cookie_policy_owners (owner, epoch) VALUES (?1, 1)
             ON CONFLICT (owner) DO UPDATE SET epoch = epoch + 1",
        );
        turn.change(raise.bind(owner)).await?;
        let spare = query(
            "UPDATE cookie_policy_sessions SET revision = revision + 1,
                 epoch = max(epoch, (SELECT epoch FROM cookie_policy_owners WHERE owner = ?1))
             WHERE owner = ?1 AND id = (SELECT coalesce(leads_to, id) FROM cookie_policy_sessions
                                        WHERE key = ?2 AND (leads_to IS NULL OR grace > ?3))
             RETURNING id",
        );
        let spare = spare.bind(owner).bind(except.map(|key| &key.as_bytes()[..])).bind(now);
        let spared = spare.fetch_optional(turn.connection()?).await.map_err(failed)?;
        let spared: Option<i64> = spared.map(|row| column(&row, 0)).transpose()?;
        let end = query(
            "UPDATE cookie_policy_sessions SET record = NULL, owner = NULL, leads_to = NULL, grace = NULL, deadline = ?4
             WHERE owner = ?1 AND id IS NOT ?2 AND deadline > ?3",
        );
        let end = end.bind(owner).bind(spared).bind(now).bind(until(now));
        let ended = turn.change(end).await?;
        let forget = query("DELETE FROM cookie_policy_sessions WHERE owner = ?1 AND id IS NOT ?2");
        turn.change(forget.bind(owner).bind(spared)).await?;
        turn.leave(usize::try_from(ended).unwrap_or(usize::MAX)).await
    }
}

/// The owner's epoch; of nobody, 0.
pub(super) async fn epoch(connection: &mut SqliteConnection, owner: Option<&str>) -> Result<i64, StoreError> {
    let Some(owner) = owner else { return Ok(0) };
    let epoch = query("SELECT epoch FROM cookie_policy_owners WHERE owner = ?1").bind(owner);
    let row = epoch.fetch_optional(connection).await.map_err(failed)?;
    row.map_or(Ok(0), |row| column(&row, 0))
}
