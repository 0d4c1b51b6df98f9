//! The steps about remembered logins, each a transaction.

use sqlx::query;

use super::{File, column, failed};
use crate::session::remember::{SeriesKey, SeriesRecord, StoredSeries};
use crate::session::sql::row::{Series, limit, number, stored_series};
use crate::session::store::{StoreError, Updated};

impl File {
    pub(in crate::session::sql) async fn create_series(
        &self,
        key: &SeriesKey,
        record: &SeriesRecord,
        now: u32,
    ) -> Result<bool, StoreError> {
        let series = Series::from(record);
        let mut turn = self.there()?.writer.begin().await?;
        let insert = query(
            "INSERT INTO cookie_policy_series (key, revision, epoch, ends, stolen, owner, record)
             VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (key) DO UPDATE SET revision = 1, epoch = excluded.epoch, ends = excluded.ends,
                 stolen = excluded.stolen, owner = excluded.owner, record = excluded.record
             WHERE ends <= ?7",
        );
        let insert =
            insert.bind(&key.as_bytes()[..]).bind(series.epoch).bind(series.ends).bind(series.stolen);
        let insert = insert.bind(series.owner).bind(series.bytes).bind(now);
        if turn.change(insert).await? == 0 {
            return turn.leave(false).await;
        }
        // Of more than 100 of one owner those that end first go, but not this one.
        let bound = query(
            "DELETE FROM cookie_policy_series WHERE id IN
                 (SELECT id FROM cookie_policy_series WHERE owner = ?1 AND key <> ?2
                  ORDER BY ends DESC, id DESC LIMIT -1 OFFSET 99)",
        );
        let bound = bound.bind(series.owner).bind(&key.as_bytes()[..]);
        turn.change(bound).await?;
        turn.leave(true).await
    }

    pub(in crate::session::sql) async fn load_series(
        &self,
        key: &SeriesKey,
        now: u32,
    ) -> Result<Option<StoredSeries>, StoreError> {
        let load =
            query("SELECT revision, epoch, record FROM cookie_policy_series WHERE key = ?1 AND ends > ?2");
        let load = load.bind(&key.as_bytes()[..]).bind(now);
        let Some(row) = load.fetch_optional(&self.there()?.readers).await.map_err(failed)? else {
            return Ok(None);
        };
        stored_series(column(&row, 0)?, column(&row, 1)?, column(&row, 2)?).map(Some)
    }

    pub(in crate::session::sql) async fn update_series(
        &self,
        key: &SeriesKey,
        expected: u64,
        record: &SeriesRecord,
        now: u32,
    ) -> Result<Updated, StoreError> {
        let series = Series::from(record);
        let mut turn = self.there()?.writer.begin().await?;
        let held = query("SELECT id, revision FROM cookie_policy_series WHERE key = ?1 AND ends > ?2");
        let held = held.bind(&key.as_bytes()[..]).bind(now);
        let Some(row) = held.fetch_optional(turn.connection()?).await.map_err(failed)? else {
            return turn.leave(Updated::Gone).await;
        };
        if column::<i64>(&row, 1)? != number(expected) {
            return turn.leave(Updated::Conflict).await;
        }
        let update = query(
            "UPDATE cookie_policy_series SET revision = revision + 1, epoch = ?2, ends = ?3, stolen = ?4, owner = ?5,
                 record = ?6 WHERE id = ?1",
        );
        let update =
            update.bind(column::<i64>(&row, 0)?).bind(series.epoch).bind(series.ends).bind(series.stolen);
        let update = update.bind(series.owner).bind(series.bytes);
        turn.change(update).await?;
        turn.leave(Updated::Yes).await
    }

    pub(in crate::session::sql) async fn delete_series(
        &self,
        key: &SeriesKey,
        now: u32,
    ) -> Result<bool, StoreError> {
        let mut turn = self.there()?.writer.begin().await?;
        let delete = query("DELETE FROM cookie_policy_series WHERE key = ?1 RETURNING ends > ?2");
        let delete = delete.bind(&key.as_bytes()[..]).bind(now);
        let row = delete.fetch_optional(turn.connection()?).await.map_err(failed)?;
        let was_live = row.map_or(Ok(false), |row| column(&row, 0))?;
        turn.leave(was_live).await
    }

    pub(in crate::session::sql) async fn end_series_of(
        &self,
        owner: &str,
        except: Option<(&SeriesKey, u64)>,
        now: u32,
    ) -> Result<usize, StoreError> {
        let (but, epoch) = except.map(|(key, epoch)| (&key.as_bytes()[..], number(epoch))).unzip();
        let mut turn = self.there()?.writer.begin().await?;
        let spare = query(
            "UPDATE cookie_policy_series SET epoch = max(epoch, ?3), revision = revision + 1
             WHERE key = ?2 AND owner = ?1 AND stolen = 0 AND ends > ?4",
        );
        let spare = spare.bind(owner).bind(but).bind(epoch).bind(now);
        turn.change(spare).await?;
        let end = query(
            "DELETE FROM cookie_policy_series WHERE owner = ?1 AND stolen = 0 AND key IS NOT ?2 AND ends > ?3",
        );
        let end = end.bind(owner).bind(but).bind(now);
        let ended = turn.change(end).await?;
        turn.leave(usize::try_from(ended).unwrap_or(usize::MAX)).await
    }

    pub(in crate::session::sql) async fn purge_series(
        &self,
        now: u32,
        most: usize,
    ) -> Result<usize, StoreError> {
        let mut turn = self.there()?.writer.alone().await?;
        let purge = query(
            "DELETE FROM cookie_policy_series WHERE id IN
                 (SELECT id FROM cookie_policy_series WHERE ends <= ?1 ORDER BY ends LIMIT ?2)",
        );
        let purge = purge.bind(now).bind(limit(most));
        let purged = turn.change_alone(purge).await?;
        Ok(usize::try_from(purged).unwrap_or(usize::MAX))
    }
}
