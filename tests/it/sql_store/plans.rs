//! The databases find rows by an index, however many there are.

use super::Place;

on_both! {
    rows_are_found_by_an_index
}

async fn rows_are_found_by_an_index(place: &Place) {
    place.store().await.close().await;
    let (fill, key, explain) = match place {
        Place::File(_) => (
            "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 20000)
             INSERT INTO cookie_policy_sessions (key, revision, deadline, owner, leads_to, record)
             SELECT randomblob(32), 1, n, 'owner-' || (n % 5000), CASE WHEN n % 10 = 0 THEN n - 1 END, x'00' FROM n;
             INSERT INTO cookie_policy_series (key, revision, epoch, ends, stolen, owner, record)
             SELECT key, 1, 0, deadline, 0, owner, x'00' FROM cookie_policy_sessions; ANALYZE",
            "x'00'",
            "EXPLAIN QUERY PLAN ",
        ),
        #[cfg(feature = "postgres")]
        Place::Schema(_) => (
            "INSERT INTO cookie_policy_sessions (key, revision, deadline, owner, leads_to, record)
             SELECT decode(md5(n::text) || md5((-n)::text), 'hex'), 1, n, 'owner-' || (n % 5000),
                 CASE WHEN n % 10 = 0 THEN n - 1 END, '\\x00' FROM generate_series(1, 20000) n;
             INSERT INTO cookie_policy_series (key, revision, epoch, ends, stolen, owner, record)
             SELECT key, 1, 0, deadline, false, owner, '\\x00' FROM cookie_policy_sessions; ANALYZE",
            "'\\x00'",
            "EXPLAIN ",
        ),
    };
    place.execute(fill).await;
    for statement in [
        "SELECT s.revision, s.record, k.leads_to IS NOT NULL FROM cookie_policy_sessions k
         LEFT JOIN cookie_policy_sessions s ON s.id = coalesce(k.leads_to, k.id)
             AND (k.leads_to IS NULL OR k.grace > 9) AND s.record IS NOT NULL AND s.deadline > 9
         WHERE k.key = KEY AND k.deadline > 9",
        "UPDATE cookie_policy_sessions SET seen = 9 WHERE key = KEY AND record IS NOT NULL AND deadline > 9",
        "UPDATE cookie_policy_sessions SET grace = 9 WHERE leads_to = 9",
        "SELECT key FROM cookie_policy_sessions WHERE owner = 'owner-9' AND record IS NOT NULL AND deadline > 9",
        "SELECT id FROM cookie_policy_sessions WHERE owner = 'owner-9' AND id <> 9 ORDER BY seen, id LIMIT 9",
        "SELECT id FROM cookie_policy_sessions WHERE deadline <= 9 ORDER BY deadline LIMIT 500",
        "SELECT epoch FROM cookie_policy_owners WHERE owner = 'owner-9'",
        "SELECT revision FROM cookie_policy_series WHERE key = KEY AND ends > 9",
        "SELECT key FROM cookie_policy_series WHERE owner = 'owner-9' AND key <> KEY ORDER BY ends, key LIMIT 9",
        "SELECT key FROM cookie_policy_series WHERE ends <= 9 ORDER BY ends LIMIT 500",
    ] {
        let statement = format!("{explain}{}", statement.replace("KEY", key));
        let plan = match place {
            Place::File(path) => {
                use sqlx::{ConnectOptions, Row};
                let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
                let mut connection = options.connect().await.unwrap();
                let rows = sqlx::query(sqlx::AssertSqlSafe(statement.clone()));
                let rows = rows.fetch_all(&mut connection).await.unwrap();
                rows.iter().map(|row| row.get::<String, _>(3)).collect()
            }
            #[cfg(feature = "postgres")]
            Place::Schema(_) => place.texts(&statement).await,
        }
        .join("\n");
        // A table that is empty may be read whole.
        let scans = ["SCAN ", "Seq Scan on cookie_policy_se"];
        assert!(!scans.iter().any(|scan| plan.contains(scan)), "{statement}\n{plan}");
    }
}
