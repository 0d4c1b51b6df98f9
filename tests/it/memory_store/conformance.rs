//! The suite itself: good stores pass it, bad ones do not.

use tower_cookie_policy::{MemoryStore, SessionStore, testing};

use super::naive::Fault::{self, *};
use super::naive::Naive;

/// What the suite says of a store.
async fn verdict(store: impl SessionStore) -> Result<(), String> {
    let outcome = tokio::spawn(async move { testing::session_store(&store).await }).await;
    outcome.map_err(|error| *error.into_panic().downcast::<String>().unwrap())
}

#[tokio::test]
async fn the_memory_store_keeps_the_rules() {
    verdict(MemoryStore::new()).await.unwrap();
}

#[tokio::test]
async fn the_memory_store_keeps_them_again_with_what_was_left() {
    let store = MemoryStore::new();
    for _ in 0..3 {
        verdict(store.clone()).await.unwrap();
    }
}

#[tokio::test]
async fn the_memory_store_keeps_them_where_it_has_forgotten_epochs() {
    let store = MemoryStore::holding(300, 16 << 20);
    for at in 0..1_000 {
        store.end_owner(&format!("user-{at}"), None, 0).await.unwrap();
    }
    assert!(store.epoch("nobody").await.unwrap() > 0);
    verdict(store).await.unwrap();
}

#[tokio::test]
async fn a_plain_store_keeps_the_rules() {
    verdict(Naive::default()).await.unwrap();
}

#[tokio::test]
async fn each_fault_is_found_and_its_rule_named() {
    let mut wrong = Vec::new();
    for (fault, rule) in FAULTS {
        match verdict(Naive::with(*fault)).await {
            Err(words) if words.starts_with(&format!("the session store breaks the rule that {rule}")) => {}
            verdict => wrong.push(format!("{fault:?}: {verdict:?}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const FAULTS: &[(Fault, &str)] = &[
    (AdoptsUsedKeys, "create under a used key"),
    (AdoptsEndedKeys, "create under a key that was used before"),
    (CutsKeys, "keys are told apart"),
    (IgnoresTheRevision, "an update at another revision"),
    (RevisesTwice, "an update puts the record in place"),
    (UpdateRollsTouchesBack, "a touch between load and update"),
    (UpdateRevivesTheEnded, "an update of what has ended"),
    (TouchGoesBack, "a touch moves the two times"),
    (TouchRevises, "a touch moves the two times"),
    (TouchRevivesTheExpired, "from its deadline on a session is absent"),
    (TouchReachesThroughGrace, "a touch of what has ended"),
    (KeepsTheExpired, "from its deadline on a session is absent"),
    (ListsTheExpired, "from its deadline on a session is absent"),
    (EndsTheExpired, "from its deadline on a session is absent"),
    (ForgetsTheEnded, "create under a key that was used before"),
    (ForgetsTheEndedTooSoon, "a renewed key reads for its grace"),
    (RemembersForEver, "a renewed key reads for its grace"),
    (GraceIsForEver, "a renewed key reads for its grace"),
    (GraceReadsAnOldCopy, "within its grace a renewed key reads the session"),
    (GraceOutlivesTheSession, "from its deadline on a session cannot be read"),
    (GraceWrites, "within its grace a renewed key only reads"),
    (GraceIsNotFollowed, "renewed twice within the grace"),
    (GraceCrossesASignIn, "create under a key that was used before"),
    (RotationIgnoresTheRevision, "a rotation at another revision"),
    (RotationOverwrites, "a rotation to a used key"),
    (RotationLosesTheOldOnFailure, "a rotation to a used key"),
    (DeletionIsAlwaysTrue, "under a key that was never used"),
    (DeletionStopsAtTheOldKey, "delete under a renewed key"),
    (EpochStays, "owners are kept apart"),
    (CreationIgnoresTheEpoch, "create with an older epoch"),
    (RotationIgnoresTheEpoch, "a rotation with an older epoch"),
    (UpdateIgnoresTheEpoch, "a record with an older epoch"),
    (TheSparedIsNotFollowed, "end_owner spares the session that a key"),
    (TheSparedKeepsItsEpoch, "the session that end_owner spares"),
    (TheSparedKeepsItsRevision, "the session that end_owner spares"),
    (SparesAnything, "the session that end_owner spares"),
    (NamesWithoutCase, "owners are kept apart"),
    (NamesByPrefix, "owners are kept apart"),
    (NamesByPattern, "owners are kept apart"),
    (NamesAreCut, "owners are kept apart"),
    (NamesAreTrimmed, "owners are kept apart"),
    (OwnersStayAsCreated, "the list follows"),
    (PurgesTooMuch, "purge forgets no more"),
    (PurgesTheLive, "purge leaves"),
    (PurgesNothing, "purge forgets what is over"),
    (PurgesEpochs, "purge leaves"),
    (RecordsAreSmall, "a record of a mebibyte"),
    (TimesAreSigned, "times up to the last one"),
    (CreationLooksFirst, "of many that create"),
    (UpdateLooksFirst, "of many that update"),
    (DeletionLooksFirst, "of many that delete"),
    (RotationInTwoSteps, "a rotation that is dropped half-way"),
    (EndOwnerInTwoSteps, "no session is opened in an epoch"),
];
