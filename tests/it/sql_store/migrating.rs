//! The tables and their versions.

use futures_util::future::join_all;
use tower_cookie_policy::SqlStoreError;

use super::{Place, created, is_live};

on_both! {
    several_that_make_the_tables_at_once_make_them_once
    tables_that_are_there_are_left_alone
    the_tables_of_a_newer_version_are_refused
    the_file_that_is_shipped_gives_the_same
}

async fn several_that_make_the_tables_at_once_make_them_once(place: &Place) {
    let stores = join_all((0..8).map(|_| place.opened())).await;
    for store in &stores {
        created(store.as_ref().unwrap(), "anna").await;
    }
    let versions = "SELECT CAST(version AS text) FROM cookie_policy_schema";
    assert_eq!(place.texts(versions).await, ["1"]);
}

async fn tables_that_are_there_are_left_alone(place: &Place) {
    let store = place.store().await;
    let key = created(&store, "anna").await;
    for _ in 0..3 {
        store.migrate().await.unwrap();
    }
    assert!(is_live(&place.store().await, &key).await);
}

async fn the_tables_of_a_newer_version_are_refused(place: &Place) {
    let store = place.store().await;
    place.execute("INSERT INTO cookie_policy_schema (version) VALUES (17)").await;
    for error in [store.migrate().await.unwrap_err(), place.opened().await.unwrap_err()] {
        assert!(matches!(error, SqlStoreError::NewerSchema { found: 17, known: 1 }), "{error:?}");
        let said = error.to_string();
        assert!(said.contains("17") && said.contains('1'), "{said}");
    }
}

async fn the_file_that_is_shipped_gives_the_same(place: &Place) {
    place.store().await.close().await;
    let other = match place {
        Place::File(_) => Place::file(),
        #[cfg(feature = "postgres")]
        Place::Schema(_) => Place::schema().await,
    };
    other.apply_by_hand().await;
    assert_eq!(shape(place).await, shape(&other).await);
    assert!(!shape(place).await.is_empty());
    let store = other.store().await;
    let key = created(&store, "anna").await;
    assert!(is_live(&store, &key).await);
}

/// All that the tables are made of.
async fn shape(place: &Place) -> Vec<String> {
    let shape = match place {
        Place::File(_) => "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name",
        #[cfg(feature = "postgres")]
        Place::Schema(_) => {
            "SELECT concat(table_name, column_name, data_type, is_nullable, collation_name) FROM information_schema.columns
             WHERE table_schema = current_schema
             UNION ALL SELECT replace(indexdef, current_schema, '') FROM pg_indexes WHERE schemaname = current_schema
             UNION ALL SELECT proname || prosrc FROM pg_proc WHERE pronamespace = current_schema::regnamespace ORDER BY 1"
        }
    };
    place.texts(shape).await
}
