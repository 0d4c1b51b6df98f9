//! What every user of sessions does.

use super::support::{Browser, clocked};

#[tokio::test]
async fn what_was_stored_is_there_on_return() {
    let (_, builder) = clocked();
    let policy = builder.build().unwrap();
    let mut browser = Browser::default();
    browser.does(&policy, async |session| session.insert("note", "milk").await).await;
    assert!(browser.id.is_some());
    let note = browser.does(&policy, async |session| session.get::<String>("note").await).await;
    assert_eq!(note.as_deref(), Some("milk"));
    let before = browser.id.clone();
    browser.does(&policy, async |session| session.sign_in("alice").await).await;
    assert_ne!(before, browser.id);
    assert_eq!(browser.does(&policy, async |session| session.user().await).await.as_deref(), Some("alice"));
    browser.does(&policy, async |session| session.sign_out().await).await;
    assert_eq!(browser.id, None);
}
