//! What stands in the tables and is no record, or not as this store writes it.

use tower_cookie_policy::store::{Loaded, Updated};
use tower_cookie_policy::testing::{Sample, SampleSeries, key, series_key};
use tower_cookie_policy::{RememberStore, SessionStore, StoreErrorKind};

use super::{NOW, Place, created, tried};

on_both! {
    rubbish_is_undecodable_and_ends_like_everything_else
    a_record_of_version_1_is_read
    a_touch_leaves_the_record_s_bytes_alone
    a_session_of_an_older_epoch_than_its_owner_s_has_ended
    a_table_that_is_missing_is_corrupt
    a_column_that_is_not_as_it_was_made_is_corrupt
    errors_quote_nothing
}

async fn rubbish_is_undecodable_and_ends_like_everything_else(place: &Place) {
    let store = place.store().await;
    let (one, other) = (created(&store, "anna").await, created(&store, "anna").await);
    let login = series_key();
    store.create_series(&login, SampleSeries::of("anna", NOW).record(), NOW).await.unwrap();
    for rubbish in ["", "00", "ff01", "0101056171"] {
        let bytes = match place {
            Place::File(_) => format!("x'{rubbish}'"),
            #[cfg(feature = "postgres")]
            Place::Schema(_) => format!("'\\x{rubbish}'"),
        };
        place.execute(&format!("UPDATE cookie_policy_sessions SET record = {bytes}")).await;
        place.execute(&format!("UPDATE cookie_policy_series SET record = {bytes}")).await;
        let error = store.load(&one, NOW).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Undecodable, "{rubbish}");
        let error = store.load_series(&login, NOW).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Undecodable, "{rubbish}");
        assert!(store.list_owner("anna", NOW).await.unwrap().is_empty());
    }
    assert!(store.delete(&one, NOW).await.unwrap());
    assert_eq!(store.end_owner("anna", None, NOW).await.unwrap(), 1);
    for key in [one, other] {
        assert!(matches!(store.load(&key, NOW).await.unwrap(), Loaded::Ended));
    }
    assert_eq!(store.end_series_of("anna", None, NOW).await.unwrap(), 1);
}

async fn a_record_of_version_1_is_read(place: &Place) {
    let store = place.store().await;
    let key = created(&store, "alice").await;
    // alice, epoch 3, "handle", fresh, created 1, started 2, seen 3, deadline 4, {"a": "one"}
    let bytes = "010105616c696365030668616e646c650101020304010161056f6e652222";
    let bytes = bytes.replace("056f6e652222", "05226f6e6522");
    let bytes = match place {
        Place::File(_) => format!("x'{bytes}'"),
        #[cfg(feature = "postgres")]
        Place::Schema(_) => format!("'\\x{bytes}'"),
    };
    place.execute(&format!("UPDATE cookie_policy_sessions SET record = {bytes}")).await;
    let Loaded::Live(stored) = store.load(&key, NOW).await.unwrap() else { panic!("it is gone") };
    let record = &stored.record;
    assert_eq!(
        (record.owner(), record.handle(), record.epoch(), record.created()),
        (Some("alice"), "handle", 3, 1)
    );
    // The columns are later than the bytes.
    assert_eq!((record.seen(), record.deadline()), (NOW, NOW + 1800));
}

async fn a_touch_leaves_the_record_s_bytes_alone(place: &Place) {
    let store = place.store().await;
    let key = created(&store, "anna").await;
    let record = "SELECT lower(hex(record)) FROM cookie_policy_sessions";
    let record = match place {
        Place::File(_) => record.to_owned(),
        #[cfg(feature = "postgres")]
        Place::Schema(_) => record.replace("lower(hex(record))", "encode(record, 'hex')"),
    };
    let before = place.texts(&record).await;
    assert!(store.touch(&key, NOW + 60, NOW + 1860, NOW).await.unwrap());
    assert_eq!(place.texts(&record).await, before);
    let Loaded::Live(stored) = store.load(&key, NOW).await.unwrap() else { panic!("it is gone") };
    assert_eq!((stored.record.seen(), stored.record.deadline(), stored.revision), (NOW + 60, NOW + 1860, 1));
}

async fn a_session_of_an_older_epoch_than_its_owner_s_has_ended(place: &Place) {
    let store = place.store().await;
    let (key, other) = (created(&store, "anna").await, created(&store, "bert").await);
    // As where a backup brought back the one and not the other.
    place.execute("INSERT INTO cookie_policy_owners (owner, epoch) VALUES ('anna', 5)").await;
    assert!(matches!(store.load(&key, NOW).await.unwrap(), Loaded::Ended));
    assert!(matches!(store.load(&other, NOW).await.unwrap(), Loaded::Live(_)));
    assert!(store.list_owner("anna", NOW).await.unwrap().is_empty());
    assert_eq!(store.list_owner("bert", NOW).await.unwrap().len(), 1);
    let record = Sample::of("anna", NOW).record();
    assert_eq!(store.update(&key, 1, record, NOW).await.unwrap(), Updated::Gone);
}

async fn a_table_that_is_missing_is_corrupt(place: &Place) {
    let store = place.store().await;
    let key = created(&store, "anna").await;
    place.execute("DROP TABLE cookie_policy_sessions").await;
    assert_eq!(store.load(&key, NOW).await.unwrap_err().kind(), StoreErrorKind::Corrupt);
    assert_eq!(tried(&store).await, Err(StoreErrorKind::Corrupt));
}

async fn a_column_that_is_not_as_it_was_made_is_corrupt(place: &Place) {
    let store = place.store().await;
    let key = created(&store, "anna").await;
    match place {
        Place::File(_) => {
            place
                .execute(
                    "CREATE TABLE other AS SELECT id, key, leads_to, grace, revision, epoch, 'noon' AS seen, deadline,
                         owner, record FROM cookie_policy_sessions;
                     DROP TABLE cookie_policy_sessions; ALTER TABLE other RENAME TO cookie_policy_sessions",
                )
                .await;
        }
        #[cfg(feature = "postgres")]
        Place::Schema(_) => {
            place.execute("ALTER TABLE cookie_policy_sessions ALTER COLUMN seen DROP DEFAULT, ALTER COLUMN seen TYPE text").await;
        }
    }
    // PostgreSQL tells a connection that prepared the statement before so in its own way: ask with another one.
    let store = place.store().await;
    assert_eq!(store.load(&key, NOW).await.unwrap_err().kind(), StoreErrorKind::Corrupt);
    // A time that is none.
    let place = match place {
        Place::File(_) => Place::file(),
        #[cfg(feature = "postgres")]
        Place::Schema(_) => Place::schema().await,
    };
    let store = place.store().await;
    let key = created(&store, "anna").await;
    place.execute("UPDATE cookie_policy_sessions SET seen = -1").await;
    assert_eq!(store.load(&key, NOW).await.unwrap_err().kind(), StoreErrorKind::Corrupt);
}

/// A database's own words would quote the row that it is about.
async fn errors_quote_nothing(place: &Place) {
    let store = place.store().await;
    place.execute("CREATE TABLE witness (seen integer CHECK (seen < 0))").await;
    match place {
        Place::File(_) => {
            place
                .execute(
                    "CREATE TRIGGER refuse BEFORE INSERT ON cookie_policy_sessions BEGIN
                         SELECT RAISE(ABORT, 'anna may not'); END",
                )
                .await;
        }
        #[cfg(feature = "postgres")]
        Place::Schema(_) => {
            place.execute("ALTER TABLE cookie_policy_sessions ADD CHECK (owner <> 'anna')").await;
        }
    }
    let key = key();
    let record = Sample::of("anna", NOW).value("card", "\"4111\"").record();
    let error = store.create(&key, record.clone(), NOW).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Corrupt);
    let mut said = format!("{error} {error:?}");
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        said.push_str(&format!("{error} {error:?}"));
        cause = error.source();
    }
    assert!(said.contains("23514") || said.contains("1811"), "{said}");
    for value in ["anna", "4111", record.handle()] {
        assert!(!said.contains(value), "{said}");
    }
}
