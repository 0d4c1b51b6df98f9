//! The rules of stores that keep remembered logins.

mod basics;
mod contents;
mod dropping;
mod expiry;
mod owners;
mod purging;
mod races;
mod sample;
mod trial;

pub use sample::{SampleSeries, series_key};

use crate::session::RememberStore;

pub(super) async fn hold<S: RememberStore>(store: &S) {
    basics::hold(store).await;
    contents::hold(store).await;
    owners::hold(store).await;
    expiry::hold(store).await;
    purging::hold(store).await;
    races::hold(store).await;
    dropping::hold(store).await;
}
