//! Where a policy keeps sessions and remembered logins, and who hears of a theft.

use std::sync::Arc;
use std::time::Duration;

use super::CookiePolicyBuilder;
use crate::policy::hooks::Hook;
use crate::policy::{BuildError, Role};
use crate::session::{Keeper, MemoryStore, RememberStore, Series, SessionStore, Sessions, Store, Theft};

/// The stores that a policy is given.
#[derive(Clone, Debug)]
pub(super) struct Stores {
    sessions: Option<Store<Sessions>>,
    /// The same store, where it keeps remembered logins as well.
    series: Option<Store<Series>>,
    /// One for remembered logins alone, which goes before.
    logins: Option<Store<Series>>,
    deadline: Duration,
}

/// Where sessions are kept, and where logins.
type Kept = (Option<Keeper<Sessions>>, Option<Keeper<Series>>);

impl Default for Stores {
    fn default() -> Self {
        Self { sessions: None, series: None, logins: None, deadline: Duration::from_secs(3) }
    }
}

impl Stores {
    /// The stores of sessions and of remembered logins, where the table has rows for them.
    pub(super) fn judge(
        self,
        roles: &[Option<usize>; Role::COUNT],
        hears_of_thefts: bool,
        policy: &str,
    ) -> Result<Kept, BuildError> {
        let Self { sessions, series, logins, deadline } = self;
        let has = |role: Role| roles[role as usize].is_some();
        let remembers = has(Role::Session) && has(Role::AutoLogin);
        if deadline.is_zero() {
            return Err(BuildError::NoStoreDeadline);
        }
        if !has(Role::Session) && sessions.is_some() {
            return Err(BuildError::StoreWithoutSession);
        }
        if !remembers && logins.is_some() {
            return Err(BuildError::RememberStoreWithoutRow);
        }
        if !remembers && hears_of_thefts {
            return Err(BuildError::TheftWithoutRow);
        }
        let (sessions, series) = match sessions {
            Some(sessions) => (sessions, logins.or(series)),
            None => {
                let memory = Arc::new(MemoryStore::new());
                let series = logins.or(series).unwrap_or_else(|| Store::<Series>::new(Arc::clone(&memory)));
                (Store::<Sessions>::new(memory), Some(series))
            }
        };
        let series = series.filter(|_| remembers).map(|store| Keeper::new(store, deadline, policy));
        let sessions = has(Role::Session).then(|| Keeper::new(sessions, deadline, policy));
        Ok((sessions, series))
    }
}

impl CookiePolicyBuilder {
    /// Where sessions and remembered logins are kept. The default is a [`MemoryStore`](crate::MemoryStore) of this policy's own.
    /// One store is for the policies of one id, on however many machines: it does not tell the sessions and users of others
    /// apart.
    pub fn store(mut self, store: impl SessionStore + RememberStore) -> Self {
        let store = Arc::new(store);
        self.stores.sessions = Some(Store::<Sessions>::new(Arc::clone(&store)));
        self.stores.series = Some(Store::<Series>::new(store));
        self
    }

    /// Where sessions are kept, and no remembered logins. Without a [`remember_store`](Self::remember_store) besides nobody is
    /// remembered.
    pub fn session_store(mut self, store: impl SessionStore) -> Self {
        self.stores.sessions = Some(Store::<Sessions>::new(Arc::new(store)));
        self.stores.series = None;
        self
    }

    /// Where remembered logins are kept, for the row with `Role::AutoLogin`, wherever sessions are.
    pub fn remember_store(mut self, store: impl RememberStore) -> Self {
        self.stores.logins = Some(Store::<Series>::new(Arc::new(store)));
        self
    }

    /// What is to be done when a remembered login is found out to be stolen: warning the user by mail, say, or an alarm. It runs
    /// at most once for each theft, in the middle of the request that brought the used-up cookie, so it should start what takes time
    /// and not wait for it. The visitor's next request hears of it by [`Session::theft`](crate::Session::theft). A table without
    /// the row for remembered logins does not build.
    ///
    /// ```
    /// use tower_cookie_policy::{CookiePolicy, KeyRing};
    ///
    /// let (alarms, alarm) = std::sync::mpsc::channel();
    /// let policy = CookiePolicy::broadcloud(KeyRing::generate()?)
    ///     .node("web-1")
    ///     .on_theft(move |theft| drop(alarms.send(theft.clone())))
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_theft(mut self, alarm: impl Fn(&Theft) + Send + Sync + 'static) -> Self {
        self.hooks.theft = Some(Hook(Arc::new(alarm)));
        self
    }

    /// How long the session store may take over one step, and over a write with all its tries; after that it has failed. The
    /// default is 3 seconds.
    /// A store that has to wait needs Tokio's timer around it, which every Tokio server has.
    pub fn store_deadline(mut self, deadline: Duration) -> Self {
        self.stores.deadline = deadline;
        self
    }
}
