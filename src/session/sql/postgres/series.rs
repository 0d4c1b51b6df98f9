//! The steps about remembered logins, each a statement.

use sqlx::query;

use super::sessions::updated;
use super::{Server, column};
use crate::session::remember::{SeriesKey, SeriesRecord, StoredSeries};
use crate::session::sql::row::{self, Series, limit, number, stored_series};
use crate::session::store::{StoreError, Updated};

impl Server {
    pub(in crate::session::sql) async fn create_series(
        &self,
        key: &SeriesKey,
        record: &SeriesRecord,
        now: u32,
    ) -> Result<bool, StoreError> {
        let series = Series::from(record);
        let create = || {
            let create = query("SELECT cookie_policy_create_series($1, $2, $3, $4, $5, $6, $7)");
            let create = create.bind(*key.as_bytes()).bind(series.owner).bind(series.epoch);
            create.bind(series.ends).bind(series.stolen).bind(&series.bytes[..]).bind(i64::from(now))
        };
        self.write(create).await
    }

    pub(in crate::session::sql) async fn load_series(
        &self,
        key: &SeriesKey,
        now: u32,
    ) -> Result<Option<StoredSeries>, StoreError> {
        let load = "SELECT revision, epoch, record FROM cookie_policy_series WHERE key = $1 AND ends > $2";
        let rows = self.read(|| query(load).bind(*key.as_bytes()).bind(i64::from(now))).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        stored_series(column(row, 0)?, column(row, 1)?, column(row, 2)?).map(Some)
    }

    pub(in crate::session::sql) async fn update_series(
        &self,
        key: &SeriesKey,
        expected: u64,
        record: &SeriesRecord,
        now: u32,
    ) -> Result<Updated, StoreError> {
        let series = Series::from(record);
        let update = || {
            let update = query("SELECT cookie_policy_update_series($1, $2, $3, $4, $5, $6, $7, $8)");
            let update = update.bind(*key.as_bytes()).bind(number(expected)).bind(series.owner);
            let update = update.bind(series.epoch).bind(series.ends).bind(series.stolen);
            update.bind(&series.bytes[..]).bind(i64::from(now))
        };
        updated(self.write(update).await?)
    }

    pub(in crate::session::sql) async fn delete_series(
        &self,
        key: &SeriesKey,
        now: u32,
    ) -> Result<bool, StoreError> {
        let delete = || {
            let delete = query(
                "WITH gone AS (DELETE FROM cookie_policy_series WHERE key = $1 RETURNING ends)
                 SELECT EXISTS (SELECT FROM gone WHERE ends > $2)",
            );
            delete.bind(*key.as_bytes()).bind(i64::from(now))
        };
        self.write(delete).await
    }

    pub(in crate::session::sql) async fn end_series_of(
        &self,
        owner: &str,
        except: Option<(&SeriesKey, u64)>,
        now: u32,
    ) -> Result<usize, StoreError> {
        let (but, epoch) = except.map(|(key, epoch)| (*key.as_bytes(), number(epoch))).unzip();
        let end = || {
            let end = query("SELECT cookie_policy_end_series($1, $2, $3, $4)").bind(owner);
            end.bind(but).bind(epoch).bind(i64::from(now))
        };
        row::rows(self.write(end).await?)
    }

    pub(in crate::session::sql) async fn purge_series(
        &self,
        now: u32,
        most: usize,
    ) -> Result<usize, StoreError> {
        let purge =
            || query("SELECT cookie_policy_purge_series($1, $2)").bind(i64::from(now)).bind(limit(most));
        row::rows(self.write(purge).await?)
    }
}
